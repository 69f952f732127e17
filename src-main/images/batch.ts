/** What the loader hands to the training step, and what it needs to know to make it. */
import type { AugmentConfiguration } from '@core/augment/configuration';
import type { View } from '@core/augment/view';
import type { Size } from '@core/geometry/convert';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { MatchingRule } from '@core/priors/match';
import type { Preprocessing } from '@core/network/description';
import type { SnapshotImage } from '../services/ports';

/** Plain data: it travels to the loader's thread. */
export interface LoaderSettings {
  readonly images: readonly SnapshotImage[];
  readonly input: Size;
  readonly preprocessing: Preprocessing;
  readonly defaultBoxes: DefaultBoxConfiguration;
  /** Size of each source's feature map. */
  readonly maps: readonly Size[];
  readonly matchingThreshold: number;
  readonly matchingRule: MatchingRule;
  readonly augment: AugmentConfiguration;
  readonly batchSize: number;
  readonly seed: number;
  /** Memory for decoded pictures. */
  readonly cacheBytes: number;
}

/** N pictures with what each of P default boxes should learn. */
export interface Batch {
  /** The training step it belongs to, from 0. */
  readonly step: number;
  /** [N, height, width, 3] normalised, in the network's channel order. */
  readonly images: Float32Array;
  /** [N, P] class, 0 background. */
  readonly labels: Int32Array;
  /** [N, P, 4] encoded offsets of the positives, 0 elsewhere. */
  readonly offsets: Float32Array;
  /** Positives of all N pictures for each source. */
  readonly positivesPerSource: readonly number[];
  /** Ids of the pictures, for messages. */
  readonly imageIds: readonly number[];
  /** Which part of each picture is shown, and how. */
  readonly views: readonly View[];
  /** Pictures that were found unreadable while this batch was made; others took their places. */
  readonly skipped: readonly { readonly imageId: number; readonly message: string }[];
}
