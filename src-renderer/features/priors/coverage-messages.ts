/** What the Boxes screen asks its worker, and what it answers. */
import type { AugmentConfiguration } from '@core/augment/configuration';
import type { ObjectColumns } from '@core/contract/images';
import type { Size } from '@core/geometry/convert';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { CoverageReport } from '@core/priors/coverage-report';
import type { MissedObjects } from '@core/priors/missed-objects';

export interface CoverageQuestion {
  readonly network: NetworkChoice;
  readonly maps: readonly Size[];
  readonly configuration: DefaultBoxConfiguration;
  /** IoU from which a default box counts as fitting an object. */
  readonly threshold: number;
  /** What training varies about the pictures: then the objects are looked at as it leaves them, too. */
  readonly augment: AugmentConfiguration | null;
}

export type CoverageRequest =
  | { readonly kind: 'objects'; readonly objects: ObjectColumns }
  | ({ readonly kind: 'coverage'; readonly id: number } & CoverageQuestion)
  /** Counts the objects that each of several configurations reaches. */
  | ({ readonly kind: 'trial'; readonly id: number } & TrialQuestion);

/** Changed default boxes that are tried, and for whom. */
export interface TrialQuestion extends Omit<CoverageQuestion, 'configuration' | 'augment'> {
  readonly configurations: readonly DefaultBoxConfiguration[];
}

/** How default boxes fit some objects. */
export interface ObjectsFit {
  readonly report: CoverageReport;
  /** Positions are those in the columns of the objects. */
  readonly missed: MissedObjects;
}

export interface Fit extends ObjectsFit {
  /** Where the question has an augmentation. */
  readonly seen: SeenInTraining | null;
}

/** The fit to the objects of views that are drawn as training draws them. */
export interface SeenInTraining extends ObjectsFit {
  readonly views: number;
  /** Pictures that the views were drawn of. */
  readonly pictures: number;
  /** Objects that were in no view any more, summed over the views. */
  readonly dropped: number;
}

export type CoverageAnswer = { readonly id: number } & (
  | { readonly kind: 'coverage'; readonly fit: Fit }
  | { readonly kind: 'trial'; readonly matched: readonly number[] }
  | { readonly kind: 'failed'; readonly message: string }
);
