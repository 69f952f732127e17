/** Coverage and fitting beside the window's thread, so that a slider stays smooth with a hundred thousand objects. */
import type { ObjectColumns } from '@core/contract/images';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { CoverageAnalyser } from '@core/priors/coverage';
import { type CoverageReport, reportCoverage } from '@core/priors/coverage-report';
import { fitScales } from '@core/priors/fit';
import { sourceGrids } from '@core/priors/generate';
import { type MissedObjects, missedObjects } from '@core/priors/missed-objects';
import type { CoverageAnswer, CoverageQuestion, CoverageRequest, Fit } from './coverage-messages';
import { withSizesOf } from './edits';

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

self.onmessage = ({ data }: MessageEvent<CoverageRequest>) => {
  if (data.kind !== 'objects') {
    const answered = answer(data);
    self.postMessage(answered, { transfer: answered.kind === 'coverage' ? buffersOf(answered.fit.missed) : [] });
    return;
  }
  objects = data.objects;
  analyser = new CoverageAnalyser(objects);
};

function answer(question: Question): CoverageAnswer {
  const { id, configuration, network, maps, threshold } = question;
  try {
    if (question.kind === 'coverage') return { id, kind: 'coverage', fit: fitOf(question, configuration) };
    const sizes = fitScales(objects, network, maps, threshold).configuration;
    const fitted = withSizesOf(configuration, sizes);
    const reportOf = (boxes: DefaultBoxConfiguration): CoverageReport => fitOf(question, boxes).report;
    return {
      id,
      kind: 'fit',
      fitted: { configuration: fitted, before: reportOf(configuration), after: reportOf(fitted) },
    };
  } catch (error) {
    return { id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function fitOf({ network, maps, threshold }: CoverageQuestion, configuration: DefaultBoxConfiguration): Fit {
  const { input } = network;
  const grids = sourceGrids(configuration, input, maps);
  const coverage = analyser.cover(grids, threshold);
  return {
    report: reportCoverage(coverage, objects, { input, grids, threshold }),
    missed: missedObjects(coverage, objects, { input, threshold }),
  };
}

function buffersOf(missed: MissedObjects): ArrayBufferLike[] {
  return Object.values(missed).map((column: MissedObjects[keyof MissedObjects]) => column.buffer);
}
