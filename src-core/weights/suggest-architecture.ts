/** Which network a weight file was made for. */
import type { ArchitectureId } from '../network/description';
import { ARCHITECTURES } from '../network/zoo';
import { planFit, planImport, type ImportPlan, type ImportRequest } from './import-plan';
import type { LayoutId } from './layouts';

export interface ArchitectureSuggestion {
  readonly architecture: ArchitectureId;
  readonly layout: LayoutId;
  /** Parameters of the network that the file has, in their shape, of so many. */
  readonly matched: number;
  readonly total: number;
}

/** Fewer tensors than this are alike by chance: any network may begin with a 3x3 of 64 channels called `0.weight`. */
const FEWEST_MATCHES = 10;

/** The architecture that most of the file fits, and of equals the one that it leaves least of unfilled; null when none does. */
export function suggestArchitecture(
  tensors: ImportRequest['tensors'],
  metadata: ImportRequest['metadata'],
): ArchitectureSuggestion | null {
  const plans = ARCHITECTURES.map(({ id }) => planImport({ architecture: id, tensors, metadata }));
  const best = plans.reduce((one, other) => (fitsBetter(other, one) ? other : one));
  const { matched, wrongShape, missing, layout, network } = best;
  if (matched.length < FEWEST_MATCHES) return null;
  const total = matched.length + wrongShape.length + missing.length;
  return { architecture: network.architecture, layout, matched: matched.length, total };
}

/** Whether `one` says more of what the file is than `other` does; a file that only our own names fit is hardly another's. */
export function fitsBetter(one: ImportPlan, other: ImportPlan): boolean {
  const fit = planFit(one) - planFit(other);
  if (fit !== 0) return fit > 0;
  if (one.missing.length !== other.missing.length) return one.missing.length < other.missing.length;
  return other.layout === 'studio' && one.layout !== 'studio';
}
