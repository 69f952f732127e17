/** What a configuration of default boxes does for objects, and what it costs. */
import { flops } from '../network/cost';
import type { NetworkChoice } from '../network/description';
import { countBoxes, sourceMaps } from '../network/shapes';
import { buildNetwork } from '../network/zoo';
import { boxesPerCell, type DefaultBoxConfiguration } from './configuration';
import { groupOf, type ObjectGroup } from './coverage-report';
import { bestOverlaps, withArea, type FitObjects } from './fit-objects';
import { sourceGrids } from './generate';
import { objectTable } from './object-table';

export interface BoxesMeasure {
  readonly configuration: DefaultBoxConfiguration;
  readonly boxes: number;
  /** Of the whole network for one picture. */
  readonly flops: number;
  readonly fitted: ObjectGroup;
  /** Null without held-out objects. */
  readonly heldOut: ObjectGroup | null;
}

export interface MeasureObjects {
  /** Those that count; unit coordinates. Objects without area are left out. */
  readonly fitted: FitObjects;
  /** Others, to see whether it holds for them too. */
  readonly heldOut?: FitObjects;
}

/** How many held-out objects fewer are reached after a change; 0 where there are none. */
export function lostHeldOut(before: BoxesMeasure, after: BoxesMeasure): number {
  if (!before.heldOut || !after.heldOut) return 0;
  return Math.max(0, before.heldOut.matched - after.heldOut.matched);
}

/** @param classes without background, for the cost */
export function measureBoxes(
  configuration: DefaultBoxConfiguration,
  network: NetworkChoice,
  objects: MeasureObjects,
  setting: { readonly matchingThreshold: number; readonly classes: number },
): BoxesMeasure {
  const description = buildNetwork(network, setting.classes + 1, configuration.sources.map(boxesPerCell));
  const grids = sourceGrids(configuration, network.input, sourceMaps(description));
  const groupFor = (of: FitObjects): ObjectGroup =>
    groupOf(bestOverlaps(objectTable(withArea(of)), grids), setting.matchingThreshold);
  return {
    configuration,
    boxes: countBoxes(description),
    flops: flops(description),
    fitted: groupFor(objects.fitted),
    heldOut: objects.heldOut ? groupFor(objects.heldOut) : null,
  };
}
