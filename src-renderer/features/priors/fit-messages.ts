/** What the Boxes screen asks the worker that fits and compares default boxes, and what it answers. */
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { DefaultBoxFit, FitOptions } from '@core/priors/fit-boxes';
import type { FitObjects } from '@core/priors/fit-objects';
import type { BoxesMeasure } from '@core/priors/measure-boxes';

/** The objects of the project: all, and those of the pictures in two splits. */
export interface ObjectSets {
  readonly all: FitObjects;
  readonly train: FitObjects;
  readonly val: FitObjects;
}

export interface FitQuestion {
  readonly network: NetworkChoice;
  /** Fitted to train; val is held out. */
  readonly options: Omit<FitOptions, 'heldOut'>;
}

export interface MeasureQuestion {
  readonly boxes: readonly { readonly network: NetworkChoice; readonly configuration: DefaultBoxConfiguration }[];
  /** What `fitted` of the answer is about; val is held out. */
  readonly objects: 'all' | 'train';
  readonly matchingThreshold: number;
  /** Without background. */
  readonly classes: number;
}

export type FitRequest =
  | { readonly kind: 'objects'; readonly objects: ObjectSets }
  | ({ readonly kind: 'fit'; readonly id: number } & FitQuestion)
  | ({ readonly kind: 'measure'; readonly id: number } & MeasureQuestion)
  /** Ends the fit of this id; it then answers 'cancelled'. */
  | { readonly kind: 'cancel'; readonly id: number };

export type FitAnswer = { readonly id: number } & (
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'fit'; readonly fit: DefaultBoxFit }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'measures'; readonly measures: readonly BoxesMeasure[] }
  | { readonly kind: 'failed'; readonly message: string }
);
