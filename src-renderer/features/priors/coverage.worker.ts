/** Coverage and fitting beside the window's thread, so that a slider stays smooth with a hundred thousand objects. */
import type { ObjectColumns } from '@core/contract/images';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { CoverageAnalyser } from '@core/priors/coverage';
import { fitScales } from '@core/priors/fit';
import { sourceGrids } from '@core/priors/generate';
import { type CoverageAnswer, type CoverageRequest, FIT_THRESHOLD } from './coverage-messages';
import { withSizesOf } from './edits';
import { type FitSummary, summarise } from './fit-summary';

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
};
let analyser = new CoverageAnalyser(objects);

self.onmessage = ({ data }: MessageEvent<CoverageRequest>) => {
  if (data.kind !== 'objects') {
    self.postMessage(answer(data));
    return;
  }
  objects = data.objects;
  analyser = new CoverageAnalyser(objects);
};

function answer(question: Question): CoverageAnswer {
  const { id, configuration } = question;
  try {
    if (question.kind === 'coverage') return { id, kind: 'coverage', fit: fitOf(question, configuration) };
    const sizes = fitScales(objects, question.network, question.maps, FIT_THRESHOLD).configuration;
    const fitted = withSizesOf(configuration, sizes);
    return {
      id,
      kind: 'fit',
      fitted: { configuration: fitted, before: fitOf(question, configuration), after: fitOf(question, fitted) },
    };
  } catch (error) {
    return { id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function fitOf({ network, maps }: Question, configuration: DefaultBoxConfiguration): FitSummary {
  const grids = sourceGrids(configuration, network.input, maps);
  return summarise(analyser.cover(grids, FIT_THRESHOLD), objects, FIT_THRESHOLD);
}
