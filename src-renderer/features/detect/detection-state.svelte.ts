import type { DetectedImage } from '@core/contract/runs';
import type { RunSummary } from '@core/experiment/run';
import { notices } from '../../app/state/notices.svelte';
import { operations } from '../../app/state/operations.svelte';
import { call, isCancelled } from '../../app/studio';
import { batches, refusal } from './pictures';

export interface DetectPicture {
  readonly key: number;
  readonly name: string;
  readonly file: File;
  /** For <img> and the canvas; revoked when the picture is taken away. */
  readonly url: string;
  /** Null until it went through the detector. */
  readonly result: DetectedImage | null;
}

/** The pictures on the Detect screen and what was found on them. Outlives the screen, ends with the project. */
class DetectionState {
  pictures = $state.raw<readonly DetectPicture[]>([]);
  /** The run that the results are of. */
  run = $state.raw<RunSummary | null>(null);
  selected = $state<number | null>(null);
  threshold = $state(0.5);
  running = $state(false);
  #project: string | null = null;
  #next = 1;

  /** Forgets everything when another project is open. */
  enter(project: string | null) {
    if (project === this.#project) return;
    this.#project = project;
    this.clear();
  }

  /** Takes in files and runs the detector on them. */
  async add(files: readonly File[], run: RunSummary) {
    const added = files.map((file): DetectPicture => {
      const problem = refusal(file);
      const picture = { key: this.#next++, name: file.name, file, url: URL.createObjectURL(file) };
      return { ...picture, result: problem === null ? null : failed(file.name, problem) };
    });
    this.pictures = [...this.pictures, ...added];
    this.selected ??= added[0]?.key ?? null;
    if (this.run?.id === run.id || this.run === null) await this.#detect(added, run);
    else await this.detectAll(run);
  }

  /** Runs the detector on every picture again. */
  async detectAll(run: RunSummary) {
    this.pictures = this.pictures.map((picture) =>
      refusal(picture.file) === null ? { ...picture, result: null } : picture,
    );
    await this.#detect(this.pictures, run);
  }

  remove(key: number) {
    const index = this.pictures.findIndex((picture) => picture.key === key);
    if (index < 0) return;
    URL.revokeObjectURL(this.pictures[index].url);
    this.pictures = this.pictures.filter((picture) => picture.key !== key);
    if (this.selected === key) this.selected = this.pictures[Math.min(index, this.pictures.length - 1)]?.key ?? null;
  }

  clear() {
    for (const picture of this.pictures) URL.revokeObjectURL(picture.url);
    this.pictures = [];
    this.selected = null;
    this.run = null;
  }

  async #detect(pictures: readonly DetectPicture[], run: RunSummary) {
    const waiting = pictures.filter((picture) => picture.result === null);
    if (waiting.length === 0 || this.running) return;
    this.running = true;
    this.run = run;
    try {
      for (const batch of batches(waiting)) await this.#detectBatch(batch, run.id);
    } catch (error) {
      notices.error('Detect', error);
      if (isCancelled(error)) this.pictures = this.pictures.filter(({ result }) => result !== null);
    }
    this.running = false;
    const late = this.pictures.filter(
      ({ result, key }) => result === null && !waiting.some((each) => each.key === key),
    );
    if (late.length > 0) await this.#detect(late, run);
  }

  async #detectBatch(batch: readonly DetectPicture[], runId: number) {
    const readable: { readonly key: number; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
    for (const { key, name, file } of batch) {
      try {
        readable.push({ key, name, bytes: new Uint8Array(await file.arrayBuffer()) });
      } catch {
        this.#finish(key, failed(name, 'The file cannot be read. It may be a folder, or it has been moved.'));
      }
    }
    if (readable.length === 0) return;
    const images = readable.map(({ name, bytes }) => ({ name: name.slice(0, 500), bytes }));
    const results = await operations.run('Detect', (operationId) => call('detect.run', { runId, images, operationId }));
    readable.forEach(({ key, name }, index) =>
      this.#finish(key, results[index] ?? failed(name, 'The detector gave no answer for this picture.')),
    );
  }

  #finish(key: number, result: DetectedImage) {
    this.pictures = this.pictures.map((picture) => (picture.key === key ? { ...picture, result } : picture));
  }
}

const failed = (name: string, problem: string): DetectedImage => ({
  name,
  width: 0,
  height: 0,
  detections: [],
  milliseconds: 0,
  problem,
});

export const detection = new DetectionState();
