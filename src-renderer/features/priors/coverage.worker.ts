/** Coverage beside the window's thread, so that a slider stays smooth with a hundred thousand objects. */
import type { AugmentConfiguration } from '@core/augment/configuration';
import type { ObjectColumns } from '@core/contract/images';
import { CoverageAnalyser } from '@core/priors/coverage';
import { CoverageReporter, type ReportObjects, type ReportSetting } from '@core/priors/coverage-report';
import { type AugmentedObjects, augmentObjects, type Views } from '@core/priors/expected-coverage';
import { bestOverlaps, countReached } from '@core/priors/fit-objects';
import { type SourceGrid, sourceGrids } from '@core/priors/generate';
import { type MissedObjects, missedObjects } from '@core/priors/missed-objects';
import { type ObjectTable, objectTable } from '@core/priors/object-table';
import type {
  CoverageAnswer,
  CoverageQuestion,
  CoverageRequest,
  Fit,
  ObjectsFit,
  SeenInTraining,
} from './coverage-messages';
import { inTwo, OverlapHelper } from './overlap-helper';

type Question = Exclude<CoverageRequest, { kind: 'objects' }>;

/** Objects, and what the last question about them leaves for the next. */
class KnownObjects {
  readonly #analyser: CoverageAnalyser;
  /** Started by the first question. */
  #helper: OverlapHelper | null = null;
  #reporter: CoverageReporter | null = null;

  constructor(readonly objects: ReportObjects) {
    this.#analyser = new CoverageAnalyser(objects);
  }

  async fit(setting: ReportSetting): Promise<ObjectsFit> {
    const { width, height } = setting.input;
    const known = this.#reporter?.input;
    if (known?.width !== width || known.height !== height) this.#reporter = null;
    this.#reporter ??= new CoverageReporter(this.objects, setting.input);
    await this.#look(setting);
    const coverage = this.#analyser.cover(setting.grids, setting.threshold);
    return { report: this.#reporter.report(coverage, setting), missed: missedObjects(coverage, this.objects, setting) };
  }

  close() {
    this.#helper?.close();
  }

  async #look({ grids, threshold }: ReportSetting) {
    const [own, others] = inTwo(this.#analyser.unknown(grids, threshold), grids);
    if (others.length === 0) return;
    this.#helper ??= this.#startHelper();
    const asked = this.#helper.overlaps(
      others.map((k) => grids[k]),
      threshold,
    );
    for (const k of own) this.#analyser.look(k, grids[k], threshold);
    const found = await asked;
    others.forEach((k, i) => this.#analyser.keep(k, grids[k], threshold, found[i]));
  }

  #startHelper(): OverlapHelper {
    const { imageId, x1, y1, x2, y2 } = this.objects;
    return new OverlapHelper({ imageId, x1, y1, x2, y2 });
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

/** Views of each picture, as on the command line; fewer, and of fewer pictures, where a slider would have to wait for them. */
const MOST_VIEWS = 8;
const SEEN_OBJECTS = 20_000;
const SEED = 1;
/** Drawn once for an augmentation, so that moving a slider compares the same views. */
let views: {
  readonly key: string;
  readonly drawn: AugmentedObjects;
  readonly known: KnownObjects;
} | null = null;

self.onmessage = ({ data }: MessageEvent<CoverageRequest>) => {
  if (data.kind !== 'objects') {
    void answer(data).then((answered) => {
      self.postMessage(answered, { transfer: answered.kind === 'coverage' ? buffersOf(answered.fit) : [] });
    });
    return;
  }
  labelled.close();
  views?.known.close();
  objects = data.objects;
  labelled = new KnownObjects(objects);
  table = objectTable(objects);
  views = null;
};

async function answer(question: Question): Promise<CoverageAnswer> {
  const { id, network, maps, threshold } = question;
  try {
    if (question.kind === 'coverage') return { id, kind: 'coverage', fit: await fitOf(question) };
    const matched = question.configurations.map((tried) =>
      reachedBy(sourceGrids(tried, network.input, maps), threshold),
    );
    return { id, kind: 'trial', matched };
  } catch (error) {
    return { id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

async function fitOf({ network, maps, configuration, threshold, augment }: CoverageQuestion): Promise<Fit> {
  const { input } = network;
  const grids = sourceGrids(configuration, input, maps);
  const setting = { input, grids, threshold };
  const [fit, seen] = await Promise.all([labelled.fit(setting), augment && seenInTraining(augment, setting)]);
  return { ...fit, seen };
}

async function seenInTraining(augment: AugmentConfiguration, setting: ReportSetting): Promise<SeenInTraining> {
  const key = JSON.stringify(augment);
  if (views?.key !== key) {
    views?.known.close();
    const drawn = augmentObjects(objects, augment, viewsOf(table), SEED);
    views = { key, drawn, known: new KnownObjects(drawn.objects) };
  }
  const { drawn, known } = views;
  return { ...(await known.fit(setting)), views: drawn.views, pictures: drawn.pictures, dropped: drawn.dropped };
}

function viewsOf({ count, pictures }: ObjectTable): Views {
  const affordable = SEEN_OBJECTS / Math.max(1, count);
  return {
    perPicture: Math.max(1, Math.min(MOST_VIEWS, Math.floor(affordable))),
    pictures: Math.ceil(Math.min(1, affordable) * pictures),
  };
}

function reachedBy(grids: readonly SourceGrid[], threshold: number): number {
  return countReached(bestOverlaps(table, grids), threshold);
}

function buffersOf({ missed, seen }: Fit): ArrayBufferLike[] {
  return [missed, seen?.missed].flatMap((columns) =>
    Object.values(columns ?? {}).map((column: MissedObjects[keyof MissedObjects]) => column.buffer),
  );
}
