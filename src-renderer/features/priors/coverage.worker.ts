/** Coverage beside the window's thread, so that a slider stays smooth with a hundred thousand objects. */
import type { ObjectColumns } from '@core/contract/images';
import { CoverageAnalyser } from '@core/priors/coverage';
import { reportCoverage } from '@core/priors/coverage-report';
import { bestOverlaps } from '@core/priors/fit-objects';
import { type SourceGrid, sourceGrids } from '@core/priors/generate';
import { type MissedObjects, missedObjects } from '@core/priors/missed-objects';
import { objectTable } from '@core/priors/object-table';
import type { CoverageAnswer, CoverageQuestion, CoverageRequest, Fit } from './coverage-messages';

type Question = Exclude<CoverageRequest, { kind: 'objects' }>;

let objects: ObjectColumns = {
  imageId: [],
  classId: [],
  x1: [],
  y1: [],
  x2: [],
  y2: [],
  imageWidth: [],
  imageHeight: [],
  position: [],
};
let analyser = new CoverageAnalyser(objects);
let table = objectTable(objects);

self.onmessage = ({ data }: MessageEvent<CoverageRequest>) => {
  if (data.kind !== 'objects') {
    const answered = answer(data);
    self.postMessage(answered, { transfer: answered.kind === 'coverage' ? buffersOf(answered.fit.missed) : [] });
    return;
  }
  objects = data.objects;
  analyser = new CoverageAnalyser(objects);
  table = objectTable(objects);
};

function answer(question: Question): CoverageAnswer {
  const { id, network, maps, threshold } = question;
  try {
    if (question.kind === 'coverage') return { id, kind: 'coverage', fit: fitOf(question) };
    const matched = question.configurations.map((tried) =>
      reachedBy(sourceGrids(tried, network.input, maps), threshold),
    );
    return { id, kind: 'trial', matched };
  } catch (error) {
    return { id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function fitOf({ network, maps, configuration, threshold }: CoverageQuestion): Fit {
  const { input } = network;
  const grids = sourceGrids(configuration, input, maps);
  const coverage = analyser.cover(grids, threshold);
  return {
    report: reportCoverage(coverage, objects, { input, grids, threshold }),
    missed: missedObjects(coverage, objects, { input, threshold }),
  };
}

function reachedBy(grids: readonly SourceGrid[], threshold: number): number {
  return bestOverlaps(table, grids).reduce((sum, iou) => (iou >= threshold ? sum + 1 : sum), 0);
}

function buffersOf(missed: MissedObjects): ArrayBufferLike[] {
  return Object.values(missed).map((column: MissedObjects[keyof MissedObjects]) => column.buffer);
}
