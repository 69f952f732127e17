/** What the fit of default boxes comes down to in the panel: shares and a histogram, from the curve of a report. */
import type { ObjectGroup } from '@core/priors/coverage-report';

export const matchedShare = (group: Pick<ObjectGroup, 'objects' | 'matched'>): number =>
  group.objects === 0 ? 0 : group.matched / group.objects;

const BINS = 20;

/** Objects by best IoU, in bins of equal width from 0 to 1; an IoU of 1 is in the last. */
export function iouBins({ objects, curve }: Pick<ObjectGroup, 'objects' | 'curve'>): readonly number[] {
  const reach = (bin: number): number => (bin === BINS ? 0 : curve[Math.round((bin * (curve.length - 1)) / BINS)]);
  return Array.from({ length: BINS }, (_, bin) => Math.round(objects * (reach(bin) - reach(bin + 1))));
}
