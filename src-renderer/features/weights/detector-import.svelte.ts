import type { WeightsReport } from '@core/contract/weights';
import type { ArchitectureId } from '@core/network/description';
import type { ConventionChoice } from '@core/weights/choose-plan';
import type { LayoutId } from '@core/weights/layouts';
import { operations } from '../../app/state/operations.svelte';
import { runs } from '../../app/state/runs.svelte';
import { call } from '../../app/studio';
import { classNameProblem, parseClassLines } from './class-lines';

/** The dialog that makes a run of a ready detector's weight file: what was chosen, and what the file says to it. */
class DetectorImport {
  shown = $state(false);
  path = $state<string | null>(null);
  report = $state.raw<WeightsReport | null>(null);
  /** Why the file cannot be read or brought in, or null. */
  problem = $state.raw<unknown>(null);
  inspecting = $state(false);
  importing = $state(false);
  name = $state('');
  /** One name per line. */
  classes = $state('');
  architecture = $state<ArchitectureId | ''>('');
  layout = $state<LayoutId | ''>('');
  conventions = $state.raw<ConventionChoice>({});
  #asked = 0;
  #classesTyped = false;

  readonly classNames = $derived(parseClassLines(this.classes));
  /** What is wrong with the class names, or null. */
  readonly classProblem = $derived(
    this.report?.fileClasses ? classNameProblem(this.classNames, this.report.fileClasses - 1) : null,
  );
  readonly ready = $derived(
    this.report !== null && this.report.complete && this.classProblem === null && this.name.trim() !== '',
  );

  open() {
    this.#asked++;
    this.path = null;
    this.report = null;
    this.problem = null;
    this.inspecting = false;
    this.name = '';
    this.#reset();
    this.shown = true;
  }

  close() {
    if (this.importing) return;
    this.#asked++;
    this.shown = false;
  }

  /** Asks for a file; nothing changes when the person cancels. */
  async choose() {
    try {
      const path = await call('dialogs.openWeights', { title: 'Choose the weight file of a detector' });
      if (path === null) return;
      this.path = path;
      this.name = nameOf(path);
      this.#reset();
      await this.inspect();
    } catch (error) {
      this.problem = error;
    }
  }

  typeClasses(text: string) {
    this.#classesTyped = true;
    this.classes = text;
  }

  chooseNetwork(architecture: ArchitectureId | '') {
    this.architecture = architecture;
    this.#classesTyped = false;
    void this.inspect();
  }

  chooseLayout(layout: LayoutId | '') {
    this.layout = layout;
    void this.inspect();
  }

  changeConventions(change: ConventionChoice) {
    this.conventions = { ...this.conventions, ...change };
    void this.inspect();
  }

  /** Looks at the file again with what was chosen. A later look overtakes an earlier one. */
  async inspect() {
    const source = this.#source();
    if (source === null) return;
    const asked = ++this.#asked;
    this.inspecting = true;
    try {
      const report = await call('weights.inspect', { source, start: null });
      if (asked !== this.#asked) return;
      this.report = report;
      this.problem = null;
      if (!this.#classesTyped) this.classes = report.classNames.join('\n');
    } catch (error) {
      if (asked !== this.#asked) return;
      this.report = null;
      this.problem = error;
    } finally {
      if (asked === this.#asked) this.inspecting = false;
    }
  }

  /** Returns the number of the new run, or null when it did not come about. */
  async import(): Promise<number | null> {
    const source = this.#source();
    if (source === null || !this.ready || this.importing) return null;
    this.importing = true;
    this.problem = null;
    const request = { source: { ...source, classNames: [...this.classNames] }, name: this.name.trim() };
    try {
      const { run } = await operations.run('Import detector', (operationId) =>
        call('weights.import', { ...request, operationId }),
      );
      await runs.load();
      this.shown = false;
      return run.id;
    } catch (error) {
      this.problem = error;
      return null;
    } finally {
      this.importing = false;
    }
  }

  #source() {
    if (this.path === null) return null;
    const { channelOrder, mean, std, clip, background, boxes, boxOrder } = this.conventions;
    return {
      path: this.path,
      ...(this.architecture !== '' && { architecture: this.architecture }),
      ...(this.layout !== '' && { layout: this.layout }),
      conventions: {
        channelOrder,
        clip,
        background,
        boxes,
        boxOrder,
        mean: mean && ([...mean] as [number, number, number]),
        std: std && ([...std] as [number, number, number]),
      },
    };
  }

  #reset() {
    this.architecture = '';
    this.layout = '';
    this.conventions = {};
    this.classes = '';
    this.#classesTyped = false;
  }
}

/** The file's name without its ending. */
const nameOf = (path: string): string => (path.split(/[/\\]/).at(-1) ?? path).replace(/\.[a-z]{1,11}$/i, '');

export const detectorImport = new DetectorImport();
