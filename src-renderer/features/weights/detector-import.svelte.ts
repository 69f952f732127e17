import type { ArchitectureId } from '@core/network/description';
import type { ConventionChoice } from '@core/weights/choose-plan';
import type { LayoutId } from '@core/weights/layouts';
import { operations } from '../../app/state/operations.svelte';
import { runs } from '../../app/state/runs.svelte';
import { call } from '../../app/studio';
import { classNameProblem, parseClassLines } from './class-lines';
import { Inspection } from './inspection.svelte';

/** The dialog that makes a run of a ready detector's weight file: what was chosen, and what the file says to it. */
class DetectorImport {
  shown = $state(false);
  path = $state<string | null>(null);
  /** Its problem is also why the file cannot be brought in. */
  readonly inspection = new Inspection();
  importing = $state(false);
  name = $state('');
  /** One name per line. */
  classes = $state('');
  architecture = $state<ArchitectureId | ''>('');
  layout = $state<LayoutId | ''>('');
  conventions = $state.raw<ConventionChoice>({});
  #classesTyped = false;

  readonly classNames = $derived(parseClassLines(this.classes));
  /** What is wrong with the class names, or null. */
  readonly classProblem = $derived(
    this.inspection.report?.fileClasses
      ? classNameProblem(this.classNames, this.inspection.report.fileClasses - 1)
      : null,
  );
  readonly ready = $derived(
    this.inspection.report !== null &&
      this.inspection.report.complete &&
      this.classProblem === null &&
      this.name.trim() !== '',
  );

  open() {
    this.inspection.clear();
    this.path = null;
    this.name = '';
    this.#reset();
    this.shown = true;
  }

  close() {
    if (this.importing) return;
    this.inspection.clear();
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
      this.inspection.problem = error;
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
    const report = await this.inspection.ask({ source, start: null });
    if (report && !this.#classesTyped) this.classes = report.classNames.join('\n');
  }

  /** Returns the number of the new run, or null when it did not come about. */
  async import(): Promise<number | null> {
    const source = this.#source();
    if (source === null || !this.ready || this.importing) return null;
    this.importing = true;
    this.inspection.problem = null;
    const request = { source: { ...source, classNames: [...this.classNames] }, name: this.name.trim() };
    try {
      const { run } = await operations.run('Import detector', (operationId) =>
        call('weights.import', { ...request, operationId }),
      );
      await runs.load();
      this.shown = false;
      return run.id;
    } catch (error) {
      this.inspection.problem = error;
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
