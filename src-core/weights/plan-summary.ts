/** An import plan in sentences for a person; its lists say the rest. */
import { architecture } from '../network/zoo';
import type { ImportPlan } from './import-plan';
import { layout } from './layouts';

/** How much comes from the file, and what happens to its class predictors and its background: one to three sentences. */
export function summariseImport(plan: ImportPlan): string[] {
  const { matched, wrongShape, missing, transfer, fileClasses, classes } = plan;
  const { name } = architecture(plan.network.architecture);
  const total = matched.length + wrongShape.length + missing.length;
  const count = matched.length === total ? `All ${total}` : `${matched.length} of ${total}`;
  const sentences = [
    `${count} parameters of ${name} come from the file, in the layout of ${layout(plan.layout).name}.`,
  ];
  if (transfer) {
    const why =
      fileClasses === classes
        ? 'for other classes'
        : `for ${fileClasses} classes with background, and ${classes} are wanted`;
    sentences.push(`Its class predictors are ${why}: they are left, and new ones start afresh.`);
  } else if (plan.conventions.background === 'last' && fileClasses !== null) {
    sentences.push('Background is its last class and becomes the first.');
  }
  if (plan.network.rfbBranches === 2) sentences.push('Its blocks have two branches, as before 2018-08-05.');
  return sentences;
}
