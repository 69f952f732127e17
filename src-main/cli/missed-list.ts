/** The objects that default boxes miss, for `priors --missed N`: what the window shows of each. */
import type { ObjectColumns } from '@core/contract/images';
import type { LabelClass } from '@core/dataset/model';
import type { Size } from '@core/geometry/convert';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { analyseCoverage } from '@core/priors/coverage';
import type { SourceGrid } from '@core/priors/generate';
import { missedObjects } from '@core/priors/missed-objects';
import { hasArea } from '@core/priors/object-table';
import { reachOf } from '@core/priors/reach';
import { describeChange, describeNeed } from '@core/priors/reach-words';
import type { StudioSession } from './session';

export interface MissedSetting {
  readonly configuration: DefaultBoxConfiguration;
  readonly input: Size;
  readonly maps: readonly Size[];
  readonly grids: readonly SourceGrid[];
  readonly threshold: number;
}

/** `priors DIR --missed N --json`, entries of `coverage.missed`. */
export interface ListedMiss {
  readonly imageId: number;
  readonly fileName: string;
  /** Position among the objects of the picture, from 0. */
  readonly object: number;
  readonly className: string;
  /** Best IoU with a default box, and the map of that box from 1; 0 and null where none overlaps it. */
  readonly bestIou: number;
  readonly map: number | null;
  /** Whether matching gives it one default box all the same. */
  readonly forced: boolean;
  /** Pixels of the network input. */
  readonly width: number;
  readonly height: number;
  readonly need: string;
  /** Each of these alone would reach it. */
  readonly changes: readonly { readonly text: string; readonly iou: number; readonly addedBoxes: number }[];
}

/** The worst of them, at most `most`, of the objects as they are labelled. */
export async function listMissed(
  studio: StudioSession,
  objects: ObjectColumns,
  classes: readonly LabelClass[],
  setting: MissedSetting,
  most: number,
): Promise<ListedMiss[]> {
  const { input, grids, threshold } = setting;
  const missed = missedObjects(analyseCoverage(objects, { grids }, threshold), objects, { input, threshold });
  return Promise.all(
    Array.from(missed.object.subarray(0, most), async (i, at) => {
      const box = { x1: objects.x1[i], y1: objects.y1[i], x2: objects.x2[i], y2: objects.y2[i] };
      const reach = hasArea(objects, i) ? reachOf(box, setting) : null;
      return {
        imageId: objects.imageId[i],
        fileName: (await studio.call('images.get', { id: objects.imageId[i] })).fileName,
        object: objects.position[i],
        className: classes.find(({ id }) => id === objects.classId[i])?.name ?? '?',
        bestIou: missed.bestIou[at],
        map: missed.source[at] < 0 ? null : missed.source[at] + 1,
        forced: missed.forced[at] === 1,
        width: missed.width[at],
        height: missed.height[at],
        need: reach ? describeNeed(reach, threshold) : 'It has no area.',
        changes: (reach?.changes ?? []).map((change) => ({
          text: describeChange(change, input),
          iou: change.iou,
          addedBoxes: change.addedBoxes,
        })),
      };
    }),
  );
}

export function missedLines(missed: readonly ListedMiss[], all: number): string[] {
  return [
    `Missed objects, ${missed.length} of ${all}, worst first:`,
    ...missed.flatMap(({ fileName, object, className, map, need, changes }) => [
      `  ${fileName}, object ${object + 1}, ${className}${map === null ? '' : `, nearest map ${map}`}: ${need}`,
      ...changes.map(({ text, iou }) => `    ${text}: IoU ${iou.toFixed(2)}`),
    ]),
  ];
}
