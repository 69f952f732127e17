/** Suspected missing labels on the command line: the list, and what a person says of its entries. */
import { randomUUID } from 'node:crypto';
import type { Suspect, SuspectList } from '@core/contract/suspects';
import { table, UsageError } from './output';
import type { StudioSession } from './session';

interface Verdicts {
  readonly hide?: readonly number[];
  readonly restore?: readonly number[];
  readonly accept?: readonly number[];
}

/** The list after the entries of these numbers were labelled, hidden, or shown again. */
export async function judgeSuspects(
  studio: StudioSession,
  runId: number,
  { hide = [], restore = [], accept = [] }: Verdicts,
): Promise<SuspectList> {
  const list = await studio.call('runs.suspects', { runId });
  const chosen = (numbers: readonly number[]): readonly Suspect[] =>
    numbers.map((id) => {
      const suspect = list.suspects.find((each) => each.id === id);
      if (!suspect) throw new UsageError(`the list of run ${runId} has no number ${id}`);
      return suspect;
    });
  const [hidden, restored, accepted] = [chosen(hide), chosen(restore), chosen(accept)];
  for (const { imageId, box } of hidden) await studio.call('suspects.setNoObject', { imageId, box, noObject: true });
  for (const { imageId, box } of restored) await studio.call('suspects.setNoObject', { imageId, box, noObject: false });
  for (const { id, imageId, box, classId, className } of accepted) {
    if (classId === null) throw new UsageError(`number ${id}: the project has no class ${className}`);
    const object = { id: randomUUID(), classId, box, difficult: false, truncated: false, crowd: false };
    await studio.call('annotate.apply', { imageId, changes: [{ kind: 'put', object }] });
  }
  return hide.length + restore.length + accept.length === 0 ? list : studio.call('runs.suspects', { runId });
}

export function describeSuspects({ step, suspects, labelled }: SuspectList): string {
  if (step === null) return 'There is no list yet: it is written with the first checkpoint of a training.';
  const open = suspects.filter(({ noObject }) => !noObject);
  const lines = table(
    ['number', 'picture', 'class', 'x1', 'y1', 'x2', 'y2', 'score', 'seen'],
    open.map(({ id, fileName, className, box, score, seen, looks }) => [
      id,
      fileName,
      className,
      box.x1,
      box.y1,
      box.x2,
      box.y2,
      score.toFixed(2),
      `${seen} of ${looks}`,
    ]),
  );
  const left = [
    ...(labelled > 0 ? [`${labelled} labelled since`] : []),
    ...(suspects.length > open.length ? [`${suspects.length - open.length} said to be no object`] : []),
  ];
  const found = `${open.length} ${open.length === 1 ? 'place' : 'places'} may lack a label at step ${step}`;
  return `${found}${left.length > 0 ? ` (left out: ${left.join(', ')})` : ''}.${open.length > 0 ? `\n\n${lines}` : ''}`;
}
