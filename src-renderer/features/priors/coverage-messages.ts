/** What the Boxes screen asks its worker, and what it answers. */
import type { ObjectColumns } from '@core/contract/images';
import type { Size } from '@core/geometry/convert';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { FitSummary } from './fit-summary';

interface Setting {
  readonly id: number;
  readonly network: NetworkChoice;
  readonly maps: readonly Size[];
  readonly configuration: DefaultBoxConfiguration;
}

export type CoverageRequest =
  | { readonly kind: 'objects'; readonly objects: ObjectColumns }
  | ({ readonly kind: 'coverage' } & Setting)
  /** Looks for sizes that fit better; aspect ratios and the rest of the configuration stay. */
  | ({ readonly kind: 'fit' } & Setting);

export interface Fitted {
  readonly configuration: DefaultBoxConfiguration;
  readonly before: FitSummary;
  readonly after: FitSummary;
}

export type CoverageAnswer = { readonly id: number } & (
  | { readonly kind: 'coverage'; readonly fit: FitSummary }
  | { readonly kind: 'fit'; readonly fitted: Fitted }
  | { readonly kind: 'failed'; readonly message: string }
);

/** IoU from which a default box counts as fitting an object. */
export const FIT_THRESHOLD = 0.5;
