/** Watches the hard negatives of a training for objects without a label, and keeps what it saw in the run's folder. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readSuspectFile, stepOfSuspectFile, suspectFileName, writeSuspectFile } from '@core/experiment/suspect-file';
import { SuspectMemory, type WatchedPicture } from '@core/experiment/suspects';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { DefaultBoxes } from '@core/priors/generate';
import { candidatesByPicture, type NegativeRows } from '@core/priors/hard-negatives';
import type { Batch } from '../images/batch';
import type { SnapshotImage } from '../services/ports';

/** As many as checkpoints stay, and one for a checkpoint that was under way when the process ended. */
const KEPT = 3;

const folderOf = (runDirectory: string): string => join(runDirectory, 'suspects');

export class SuspectWatch {
  private memory = new SuspectMemory();
  private readonly pictures: ReadonlyMap<number, WatchedPicture>;

  constructor(
    private readonly runDirectory: string,
    train: readonly SnapshotImage[],
    private readonly boxes: Pick<DefaultBoxes, 'centers'>,
    private readonly configuration: Pick<DefaultBoxConfiguration, 'variances'>,
  ) {
    this.pictures = new Map(
      train.map(({ id, width, height, objects }) => [
        id,
        { id, width, height, objects: objects.map(([, x1, y1, x2, y2]) => ({ x1, y1, x2, y2 })) },
      ]),
    );
  }

  /** What a step's network thought of the negatives of its batch; `step` is that after it. */
  look(step: number, { imageIds, views }: Pick<Batch, 'imageIds' | 'views'>, negatives: NegativeRows): void {
    const { centers } = this.boxes;
    const found = candidatesByPicture(negatives, imageIds.length, centers, this.configuration.variances);
    imageIds.forEach((id, slot) => {
      const picture = this.pictures.get(id);
      if (picture) this.memory.look(step, picture, views[slot], found[slot]);
    });
  }

  /** Before the checkpoint of that step is written, so that there is one for every checkpoint. */
  async save(step: number): Promise<void> {
    const folder = folderOf(this.runDirectory);
    await mkdir(folder, { recursive: true });
    const path = join(folder, suspectFileName(step));
    const file = await open(`${path}.part`, 'w');
    try {
      await file.writeFile(writeSuspectFile({ step, ...this.memory.state }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
    const steps = await keptSteps(folder);
    await remove(folder, steps.slice(0, -KEPT));
  }

  /** What was known at a step; later files belong to a past that is trained again. A lost file costs the list alone. */
  async restore(step: number): Promise<void> {
    const folder = folderOf(this.runDirectory);
    if (step === 0) await rm(folder, { recursive: true, force: true });
    else
      await remove(
        folder,
        (await keptSteps(folder)).filter((each) => each > step),
      );
    const text = await readFile(join(folder, suspectFileName(step)), 'utf8').catch(() => '');
    this.memory = new SuspectMemory(readSuspectFile(text) ?? undefined);
  }
}

/** Oldest first; none where there is no folder. */
async function keptSteps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .map(stepOfSuspectFile)
    .filter((step) => step !== null)
    .sort((a, b) => a - b);
}

async function remove(folder: string, steps: readonly number[]): Promise<void> {
  for (const step of steps) await rm(join(folder, suspectFileName(step)), { force: true });
}
