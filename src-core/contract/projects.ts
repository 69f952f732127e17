/** Projects: create, open, recent; folders are chosen in a native dialog, and only chosen or known folders are accepted. */
import { z } from 'zod';
import type { LabelClass } from '../dataset/model';
import { channel } from './channel';

export interface ProjectInfo {
  readonly directory: string;
  readonly name: string;
  readonly classes: readonly LabelClass[];
}

export interface RecentProject {
  readonly directory: string;
  readonly name: string;
  readonly openedAt: string;
  readonly exists: boolean;
  readonly images: number;
  readonly objects: number;
  readonly meanAveragePrecision: number | null;
  /** Up to four pictures for the contact sheet, as studio-image URLs. */
  readonly pictures: readonly string[];
}

const path = z.string().min(1).max(4096);
export const className = z.string().trim().min(1).max(100);
/** Names a long operation, so that its progress events and its cancellation can be told apart. Chosen by the caller. */
export const operationId = z.string().min(1).max(64);

export const projectChannels = {
  'projects.recent': channel(z.void()).returns<readonly RecentProject[]>(),
  'projects.current': channel(z.void()).returns<ProjectInfo | null>(),
  'projects.create': channel(
    z.object({ directory: path, name: z.string().trim().min(1).max(200), classes: z.array(className).max(1000) }),
  ).returns<ProjectInfo>(),
  'projects.createSample': channel(
    z.object({ directory: path, images: z.number().int().min(1).max(5000).default(240), operationId }),
  ).returns<ProjectInfo>(),
  'projects.open': channel(z.object({ directory: path })).returns<ProjectInfo>(),
  'projects.close': channel(z.void()).returns<void>(),
  'projects.forget': channel(z.object({ directory: path })).returns<void>(),
  /** Native folder dialog; null when cancelled. The folder is then allowed in the requests above and in import.start. */
  'dialogs.chooseFolder': channel(z.object({ title: z.string().max(200) })).returns<string | null>(),
  /** Native file dialog for weight files; the file is then allowed wherever weights are brought in. */
  'dialogs.openWeights': channel(z.object({ title: z.string().max(200) })).returns<string | null>(),
  /** Native save dialog; the file is then allowed in export.run and weights.convert. */
  'dialogs.saveFile': channel(z.object({ title: z.string().max(200), defaultName: z.string().max(255) })).returns<
    string | null
  >(),
  /** A folder under the user's documents that the sample project or a new project of this name would take. */
  'projects.suggestFolder': channel(z.object({ name: z.string().max(200) })).returns<string>(),
  'classes.add': channel(z.object({ name: className })).returns<readonly LabelClass[]>(),
  'classes.rename': channel(z.object({ id: z.number().int(), name: className })).returns<readonly LabelClass[]>(),
  'operations.cancel': channel(z.object({ operationId })).returns<void>(),
} as const;
