import type { ProjectInfo } from '@core/contract/projects';
import { router } from '../../app/route.svelte';
import { operations } from '../../app/state/operations.svelte';
import { project } from '../../app/state/project.svelte';
import { saves } from '../../app/state/saves.svelte';
import { call } from '../../app/studio';
import { pictureImport } from '../images/import.svelte';

function enter(info: ProjectInfo) {
  project.opened(info);
  router.go('images');
}

export async function openProject(directory: string) {
  await saves.settled();
  enter(await call('projects.open', { directory }));
}

/** Asks for a folder; does nothing when the dialog is cancelled. */
export async function openProjectFolder() {
  const directory = await call('dialogs.chooseFolder', { title: 'Open a project folder' });
  if (directory) await openProject(directory);
}

export async function createProject(name: string, directory: string, classes: readonly string[]) {
  await saves.settled();
  enter(await call('projects.create', { name, directory, classes: [...classes] }));
}

/** Draws the sample pictures, which takes some seconds, or opens the sample project that was made before. */
export async function openSampleProject(known: readonly string[]) {
  const directory = await call('projects.suggestFolder', { name: 'Parts on a belt' });
  if (known.includes(directory)) return openProject(directory);
  await saves.settled();
  const info = await operations.run('Make the sample project', (operationId) =>
    call('projects.createSample', { directory, operationId }),
  );
  enter(info);
}

/** A new project from a Pascal VOC folder: named after the folder, the pictures stay where they are. The report is shown with the pictures. */
export async function createFromVoc() {
  const from = await call('dialogs.chooseFolder', { title: 'Choose a folder with JPEGImages and Annotations' });
  if (!from) return;
  const name = from.split(/[\\/]/).filter(Boolean).pop() ?? 'Pictures';
  const directory = await call('projects.suggestFolder', { name });
  await saves.settled();
  const info = await call('projects.create', { name, directory, classes: [] });
  enter(info);
  await pictureImport.voc(from, false);
}

/** "RBC, WBC" or one a line -> class names without blanks and repetitions. */
export const parseClassNames = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(/[,;\n]/)
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];
