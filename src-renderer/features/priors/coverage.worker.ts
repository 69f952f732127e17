/** Coverage beside the window's thread, so that a slider stays smooth with a hundred thousand objects. */
import type { AugmentConfiguration } from '@core/augment/configuration';
import type { ObjectColumns } from '@core/contract/images';
import { CoverageAnalyser } from '@core/priors/coverage';
import { CoverageReporter, type ReportObjects, type ReportSetting } from '@core/priors/coverage-report';
import { type AugmentedObjects, augmentObjects } from '@core/priors/expected-coverage';
import { bestOverlaps } from '@core/priors/fit-objects';
import { type SourceGrid, sourceGrids } from '@core/priors/generate';
import { type MissedObjects, missedObjects } from '@core/priors/missed-objects';
import { objectTable } from '@core/priors/object-table';
import type { CoverageAnswer, CoverageQuestion, CoverageRequest, Fit, SeenInTraining } from './coverage-messages';

type Question = Exclude<CoverageRequest, { kind: 'objects' }>;

/** Objects, and what the last question about them leaves for the next. */
class KnownObjects {
  readonly #analyser: CoverageAnalyser;
  #reporter: CoverageReporter | null = null;

  constructor(readonly objects: ReportObjects) {
    this.#analyser = new CoverageAnalyser(objects);
  }

  fit(setting: ReportSetting) {
    const { width, height } = setting.input;
    const known = this.#reporter?.input;
    if (known?.width !== width || known.height !== height) this.#reporter = null;
    this.#reporter ??= new CoverageReporter(this.objects, setting.input);
    const coverage = this.#analyser.cover(setting.grids, setting.threshold);
    return { coverage, report: this.#reporter.report(coverage, setting) };
  }
}

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
let labelled = new KnownObjects(objects);
let table = objectTable(objects);

/** Views of each picture, as on the command line; fewer where there are so many objects that a slider would have to wait. */
const MOST_VIEWS = 8;
const SEEN_OBJECTS = 50_000;
const SEED = 1;
/** Drawn once for an augmentation, so that moving a slider compares the same views. */
let views: {
  readonly key: string;
  readonly viewsPerPicture: number;
  readonly drawn: AugmentedObjects;
  readonly known: KnownObjects;
} | null = null;

self.onmessage = ({ data }: MessageEvent<CoverageRequest>) => {
  if (data.kind !== 'objects') {
    const answered = answer(data);
    self.postMessage(answered, { transfer: answered.kind === 'coverage' ? buffersOf(answered.fit.missed) : [] });
    return;
  }
  objects = data.objects;
  labelled = new KnownObjects(objects);
  table = objectTable(objects);
  views = null;
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

function fitOf({ network, maps, configuration, threshold, augment }: CoverageQuestion): Fit {
  const { input } = network;
  const grids = sourceGrids(configuration, input, maps);
  const { coverage, report } = labelled.fit({ input, grids, threshold });
  return {
    report,
    missed: missedObjects(coverage, objects, { input, threshold }),
    seen: augment && seenInTraining(augment, { input, grids, threshold }),
  };
}

function seenInTraining(augment: AugmentConfiguration, setting: ReportSetting): SeenInTraining {
  const key = JSON.stringify(augment);
  if (views?.key !== key) {
    const viewsPerPicture = Math.max(
      1,
      Math.min(MOST_VIEWS, Math.floor(SEEN_OBJECTS / Math.max(1, objects.x1.length))),
    );
    const drawn = augmentObjects(objects, augment, viewsPerPicture, SEED);
    views = { key, viewsPerPicture, drawn, known: new KnownObjects(drawn.objects) };
  }
  const { drawn, viewsPerPicture, known } = views;
  return {
    report: known.fit(setting).report,
    views: drawn.views,
    viewsPerPicture,
    dropped: drawn.dropped,
  };
}

function reachedBy(grids: readonly SourceGrid[], threshold: number): number {
  return bestOverlaps(table, grids).reduce((sum, iou) => (iou >= threshold ? sum + 1 : sum), 0);
}

function buffersOf(missed: MissedObjects): ArrayBufferLike[] {
  return Object.values(missed).map((column: MissedObjects[keyof MissedObjects]) => column.buffer);
}
