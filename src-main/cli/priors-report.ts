/** What `priors` says of a project: how well default boxes fit its objects, as JSON and as text. */
import type { ObjectColumns } from '@core/contract/images';
import type { LabelClass } from '@core/dataset/model';
import type { NetworkChoice } from '@core/network/description';
import { analyseCoverage } from '@core/priors/coverage';
import {
  reportCoverage,
  type CoverageReport,
  type ObjectGroup,
  type ReportObjects,
} from '@core/priors/coverage-report';
import { augmentObjects } from '@core/priors/expected-coverage';
import { listMissed, missedLines, type ListedMiss, type MissedSetting } from './missed-list';
import { table } from './output';
import type { StudioSession } from './session';

interface Setting extends Omit<MissedSetting, 'input'> {
  readonly network: NetworkChoice;
  readonly augmented: boolean;
  /** How many missed objects to list; undefined: none, but for the worst ten. */
  readonly missed?: number;
}

/** An object that the default boxes reach badly. */
interface WorstObject {
  readonly imageId: number;
  readonly fileName: string;
  readonly className: string;
  readonly bestIou: number;
}

/** `priors DIR --json`, field `coverage`. The fields of CoverageReport are documented there. */
export interface ProjectCoverage extends Omit<CoverageReport, 'classes'> {
  readonly classes: readonly (CoverageReport['classes'][number] & { readonly className: string })[];
  /** The same as `forced`, under the name that scripts know. */
  readonly onlyForced: number;
  readonly meanBestIou: number;
  /** Objects below the threshold, worst first, at most ten; with --augmented by the mean over the views that show them. */
  readonly worst: readonly WorstObject[];
  /** With --missed: the worst of the objects as labelled, each with what would reach it. */
  readonly missed: readonly ListedMiss[] | null;
  /** With --augmented: how many views were drawn, and in how many an object was no longer there. */
  readonly augmented: { readonly viewsPerPicture: number; readonly views: number; readonly dropped: number } | null;
}

const WORST = 10;
const VIEWS_PER_PICTURE = 8;
const SEED = 1;

export async function describeCoverage(studio: StudioSession, setting: Setting): Promise<ProjectCoverage> {
  const columns = await studio.call('images.objectColumns');
  const classes = (await studio.call('projects.current'))?.classes ?? [];
  const { network, grids, threshold } = setting;
  const seen = setting.augmented ? await augmentedColumns(studio, columns, network) : null;
  const objects: ReportObjects = seen?.objects ?? columns;
  const coverage = analyseCoverage(objects, { grids }, threshold);
  const report = reportCoverage(coverage, objects, { input: network.input, grids, threshold });
  const bestIou = seen ? meanPerObject(coverage.bestIou, seen.source, columns.x1.length) : coverage.bestIou;
  return {
    ...report,
    classes: report.classes.map((group) => ({ className: nameOf(classes, group.classId), ...group })),
    onlyForced: report.forced,
    meanBestIou: report.all.meanBestIou,
    worst: await worstObjects(studio, columns, classes, bestIou, threshold),
    missed:
      setting.missed === undefined
        ? null
        : await listMissed(studio, columns, classes, { ...setting, input: network.input }, setting.missed),
    augmented: seen && { viewsPerPicture: VIEWS_PER_PICTURE, views: seen.views, dropped: seen.dropped },
  };
}

const nameOf = (classes: readonly LabelClass[], classId: number): string =>
  classes.find(({ id }) => id === classId)?.name ?? '?';

/** The objects under the augmentation that a run of this network would begin with. */
async function augmentedColumns(studio: StudioSession, columns: ObjectColumns, network: NetworkChoice) {
  const { augment } = await studio.call('training.suggest', { network });
  return augmentObjects(columns, augment, { perPicture: VIEWS_PER_PICTURE }, SEED);
}

/** NaN for objects that no view shows. */
function meanPerObject(bestIou: Float32Array, source: Int32Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  const views = new Int32Array(count);
  source.forEach((object, i) => {
    sums[object] += bestIou[i];
    views[object]++;
  });
  return sums.map((sum, object) => sum / views[object]);
}

async function worstObjects(
  studio: StudioSession,
  objects: ObjectColumns,
  classes: readonly LabelClass[],
  bestIou: Float32Array | Float64Array,
  threshold: number,
): Promise<WorstObject[]> {
  const unreached = Array.from(bestIou.keys()).filter((i) => bestIou[i] < threshold);
  const worst = unreached.sort((a, b) => bestIou[a] - bestIou[b]).slice(0, WORST);
  return Promise.all(
    worst.map(async (i) => ({
      imageId: objects.imageId[i],
      fileName: (await studio.call('images.get', { id: objects.imageId[i] })).fileName,
      className: nameOf(classes, objects.classId[i]),
      bestIou: bestIou[i],
    })),
  );
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

export function coverageLines(coverage: ProjectCoverage, maps: readonly { readonly map: string }[]): string[] {
  const { objects, matched, forced, unmatched, threshold, all, worst, augmented } = coverage;
  if (objects === 0) return ['The project has no objects yet.'];
  const groups: [string, ObjectGroup][] = [
    ...coverage.classes.map((group): [string, ObjectGroup] => [group.className, group]),
    ...coverage.inputSizes.map((group): [string, ObjectGroup] => [`${group.size} (COCO, in the input)`, group]),
    ...coverage.relativeSizes.map((group): [string, ObjectGroup] => [
      `${group.from} to ${group.to ?? 'all'} of the picture`,
      group,
    ]),
  ];
  const lines = [
    `${matched} of ${objects} objects (${percent(matched, objects)}) have a default box with IoU >= ${threshold}; ` +
      `${forced} only by force; mean best IoU ${all.meanBestIou.toFixed(3)}`,
    `${coverage.sharing} share their best default box with another object, ${coverage.displaced} must do with a worse one, ` +
      `${unmatched} have none`,
    `${coverage.positivesPerPicture.toFixed(1)} default boxes learn an object in a picture`,
    '',
    table(
      ['objects', 'count', `IoU >= ${threshold}`, 'mean best IoU'],
      groups
        .filter(([, group]) => group.objects > 0)
        .map(([name, group]) => [
          name,
          group.objects,
          percent(group.matched, group.objects),
          group.meanBestIou.toFixed(3),
        ]),
    ),
    '',
    table(
      ['map', 'best for', 'reaches alone', 'positives per picture'],
      coverage.maps.map(({ best, alone, positivesPerPicture }, k) => [
        maps[k].map,
        best,
        percent(alone.matched, objects),
        positivesPerPicture.toFixed(2),
      ]),
    ),
  ];
  if (augmented) {
    const { views, viewsPerPicture, dropped } = augmented;
    lines.unshift(
      `Objects in ${views} views, ${viewsPerPicture} drawn of each picture as training would; ${dropped} had left their view.`,
    );
  }
  if (coverage.missed) {
    lines.push('', ...missedLines(coverage.missed, objects - matched));
  } else if (worst.length > 0) {
    lines.push('', 'Worst reached:');
    lines.push(...worst.map((w) => `  ${w.fileName}, ${w.className}: best IoU ${w.bestIou.toFixed(3)}`));
  }
  return lines;
}
