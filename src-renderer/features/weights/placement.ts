/** What of a weight file found its place, as sentences and lists for a person. */
import type { WeightsReport } from '@core/contract/weights';

type Placed = Pick<WeightsReport, 'left' | 'wrongShape' | 'missing'>;

/** Tensors that were left, by reason, the most frequent first. */
export function leftByReason({ left }: Pick<Placed, 'left'>): { reason: string; tensors: readonly string[] }[] {
  const reasons = new Map<string, string[]>();
  for (const { tensor, reason } of left) reasons.set(reason, [...(reasons.get(reason) ?? []), tensor]);
  return [...reasons]
    .map(([reason, tensors]) => ({ reason, tensors }))
    .sort((a, b) => b.tensors.length - a.tensors.length);
}

/** Parameters that begin fresh: the file has no tensor for them, or one of another shape. */
export const learntAnew = ({ missing, wrongShape }: Pick<Placed, 'missing' | 'wrongShape'>): readonly string[] => [
  ...missing.map(({ parameter }) => parameter),
  ...wrongShape.map(({ parameter }) => parameter),
];

/** The parts of a network by the beginnings of their parameters' names: "conf.0, conf.1 and 4 more". */
export function partsOf(parameters: readonly string[], shown = 3): string {
  const parts = [...new Set(parameters.map((name) => name.replace(/\.[^.]*$/, '')))];
  const rest = parts.length - shown;
  return rest > 0 ? `${parts.slice(0, shown).join(', ')} and ${rest} more` : parts.join(', ');
}
