/** How some sources' default boxes overlap the objects, beside the worker of the coverage. */
import { sourceOverlaps } from '@core/priors/grid-overlap';
import { type ObjectTable, objectTable } from '@core/priors/object-table';
import type { OverlapAnswer, OverlapRequest } from './overlap-helper';

let table: ObjectTable = objectTable({ imageId: [], x1: [], y1: [], x2: [], y2: [] });

self.onmessage = ({ data }: MessageEvent<OverlapRequest>) => {
  if (data.kind === 'objects') {
    table = objectTable(data.objects);
    return;
  }
  const answer: OverlapAnswer = data.grids.map((grid) => sourceOverlaps(table, grid, data.threshold));
  self.postMessage(answer, { transfer: answer.flatMap(({ iou, box }) => [iou.buffer, box.buffer]) });
};
