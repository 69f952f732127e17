/** Why a file cannot be used as it stands: each a sentence that says what to do. */
import type { ArchitectureId } from '../network/description';
import { architecture } from '../network/zoo';
import type { FileHeads } from './file-heads';
import type { Placement } from './placement';

/** @param perCell boxes per cell of each source of the default boxes that the plan goes by */
export function planProblems(
  { matched }: Placement,
  id: ArchitectureId,
  heads: FileHeads,
  perCell: readonly number[],
): string[] {
  const { name } = architecture(id);
  if (matched.length === 0) {
    return [`No tensor of the file is a weight of ${name}. Check the file, or choose another network.`];
  }
  const problems = heads.boxesPerCell.flatMap((count, k) =>
    count === null || count === perCell[k]
      ? []
      : [`source ${k + 1} has ${count} in the file and ${perCell[k]} in the default boxes`],
  );
  if (problems.length === 0) return [];
  return [
    `The file's predictors are made for other default boxes per cell: ${problems.join('; ')}. ` +
      'Give the default boxes that its detector was trained with.',
  ];
}
