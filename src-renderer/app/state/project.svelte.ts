import type { DatasetSummary } from '@core/contract/images';
import type { ProjectInfo } from '@core/contract/projects';
import type { LabelClass } from '@core/dataset/model';
import { type ClassColour, classColour } from '../../ui/palette';
import { call, listen } from '../studio';
import { notices } from './notices.svelte';

/** The open project, its classes and what is in it. */
class ProjectState {
  info = $state.raw<ProjectInfo | null>(null);
  summary = $state.raw<DatasetSummary | null>(null);
  /** False until the first answer: draw nothing rather than a wrong start screen. */
  known = $state(false);
  /** Counts up when pictures or objects changed; read it in an effect to fetch again. */
  revision = $state(0);
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  readonly classes: readonly LabelClass[] = $derived(this.info?.classes ?? []);
  readonly #byId = $derived(new Map(this.classes.map((c) => [c.id, c])));

  constructor() {
    listen('project.changed', (info) => this.#set(info));
    listen('dataset.changed', () => void this.refresh());
  }

  async load() {
    try {
      this.#set(await call('projects.current'));
    } catch (error) {
      notices.error('Open the project', error);
    } finally {
      this.known = true;
    }
  }

  /** Takes a project that a call has just opened or created. */
  opened(info: ProjectInfo) {
    this.#set(info);
  }

  async close() {
    await call('projects.close');
    this.#set(null);
  }

  /** Fetches the summary again and tells everyone who reads `revision`. */
  async refresh() {
    clearTimeout(this.#refreshTimer);
    if (!this.info) return;
    try {
      this.summary = await call('images.summary');
    } catch (error) {
      notices.error('Count the pictures', error);
    }
    this.revision++;
  }

  /** After an edit: the counts may wait until the hand rests. */
  refreshSoon() {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => void this.refresh(), 400);
  }

  /** Adds a class and returns it. */
  async addClass(name: string): Promise<LabelClass> {
    const classes = await call('classes.add', { name });
    if (this.info) this.info = { ...this.info, classes };
    const added = classes.find((c) => c.name === name.trim()) ?? classes[classes.length - 1];
    if (!added) throw new Error(`The class "${name}" was not added.`);
    return added;
  }

  async renameClass(id: number, name: string) {
    const classes = await call('classes.rename', { id, name });
    if (this.info) this.info = { ...this.info, classes };
  }

  classById(id: number): LabelClass | undefined {
    return this.#byId.get(id);
  }
  className(id: number): string {
    return this.#byId.get(id)?.name ?? 'unknown class';
  }
  colourOf(classId: number): ClassColour {
    return classColour(this.#byId.get(classId)?.order ?? 0);
  }

  #set(info: ProjectInfo | null) {
    const other = info?.directory !== this.info?.directory;
    this.info = info;
    this.known = true;
    if (other) this.summary = null;
    document.title = info ? `${info.name} – SSD Studio` : 'SSD Studio';
    if (info && other) void this.refresh();
  }
}

export const project = new ProjectState();
