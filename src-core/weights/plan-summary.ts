/** An import plan in sentences for a person. */
import { architecture } from '../network/zoo';
import type { ImportPlan } from './import-plan';
import { layout } from './layouts';

const SHOWN = 3;

/** What came from the file, what did not and why: one to six sentences. */
export function summariseImport(plan: ImportPlan): string[] {
  const { matched, wrongShape, missing, left } = plan;
  const { name } = architecture(plan.network.architecture);
  const total = matched.length + wrongShape.length + missing.length;
  const count = matched.length === total ? `All ${total}` : `${matched.length} of ${total}`;
  const sentences = [
    `${count} parameters of ${name} come from the file, in the layout of ${layout(plan.layout).name}.`,
  ];
  if (plan.transfer) {
    sentences.push(
      `Its class predictors are for ${plan.fileClasses} classes with background, not ${plan.classes}: they are left, and new ones start afresh.`,
    );
  } else if (plan.conventions.background === 'last' && plan.fileClasses !== null) {
    sentences.push('Background is its last class and becomes the first.');
  }
  if (wrongShape.length > 0) {
    const shapes = wrongShape.map(
      ({ parameter, expected, found }) => `${parameter} is [${found.join(', ')}], not [${expected.join(', ')}]`,
    );
    sentences.push(`${wrongShape.length} have another shape in the file: ${shortened(shapes, '; ')}.`);
  }
  if (missing.length > 0) {
    const names = missing.map(({ parameter }) => parameter);
    sentences.push(`${missing.length} start afresh: ${shortened(names, ', ')}.`);
  }
  if (left.length > 0) sentences.push(`Not used of the file: ${reasons(left)}.`);
  return sentences;
}

function shortened(items: readonly string[], separator: string): string {
  const shown = items.slice(0, SHOWN).join(separator);
  return items.length > SHOWN ? `${shown} and ${items.length - SHOWN} more` : shown;
}

/** `62 tensors (statistics counter), priors (default boxes, which the studio makes itself)`. */
function reasons(left: ImportPlan['left']): string {
  const byReason = new Map<string, string[]>();
  for (const { tensor, reason } of left) {
    const names = byReason.get(reason);
    if (names) names.push(tensor);
    else byReason.set(reason, [tensor]);
  }
  return [...byReason]
    .map(([reason, names]) => `${names.length === 1 ? names[0] : `${names.length} tensors`} (${reason})`)
    .join(', ');
}
