import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { evaluateCoco, type CocoSummary } from '@core/evaluation/coco';
import { IOU_THRESHOLDS } from '@core/evaluation/coco-match';
import { readCocoDetections, readCocoGroundTruth } from '@core/formats/evaluation-coco';
import { largestDifference, recordFidelity } from '../../support/fidelity';
import { DATA_DIR, describeWith } from '../../support/shared';

/** What pycocotools 2.0.11 (COCOeval, 'bbox') prints for the same two files, in full. */
interface Reference {
  readonly title: string;
  readonly truth: string;
  readonly detections: string;
  readonly expected: readonly number[];
}

const NAMES: readonly (keyof CocoSummary)[] = [
  'AP',
  'AP50',
  'AP75',
  'APsmall',
  'APmedium',
  'APlarge',
  'AR1',
  'AR10',
  'AR100',
  'ARsmall',
  'ARmedium',
  'ARlarge',
];

const fakebbox = join(DATA_DIR, 'coco-eval-fakebbox100');
const padilla = join(DATA_DIR, 'padilla-ap/review');

const REFERENCES: readonly Reference[] = [
  {
    title: '734 official fake detections of 100 pictures, with crowds',
    truth: join(fakebbox, 'instances_val2014_100.json'),
    detections: join(fakebbox, 'instances_val2014_fakebbox100_results.json'),
    expected: [
      0.5045806987249628, 0.6969727247299577, 0.5729816669904824, 0.5856257209410443, 0.5193996948036719,
      0.5013978986347466, 0.38681277964578054, 0.5936795762842003, 0.595352982877607, 0.6398109626113442,
      0.5664205978994309, 0.5642905982905982,
    ],
  },
  {
    title: 'the official fake masks as detections: the box around each, and the area of the mask',
    truth: join(fakebbox, 'instances_val2014_100.json'),
    detections: join(fakebbox, 'instances_val2014_fakesegm100_results.json'),
    expected: [
      0.48289170148234417, 0.6962084377749465, 0.5407569684722431, 0.5254228823108595, 0.49925579361227324,
      0.5084354019955392, 0.37200651383679467, 0.5684026274587862, 0.5700011134172722, 0.5912282281751813,
      0.5562049668485596, 0.5547649572649572,
    ],
  },
  {
    title: 'the boxes again, area from the box and no crowds (review_object_detection_metrics)',
    truth: join(padilla, 'tests/test_coco_eval/gts/sampled_gts_bbox_area.json'),
    detections: join(padilla, 'tests/test_coco_eval/dets/sampled_bbox_results.json'),
    expected: [
      0.5036473243630208, 0.6969727247299577, 0.5716670593726122, 0.593252103002719, 0.5579906676111427,
      0.48936321019618756, 0.38681277964578054, 0.5936795762842003, 0.595352982877607, 0.6547641893777741,
      0.6031300236406619, 0.5537444355958507,
    ],
  },
  {
    title: 'ten pictures whose annotations are numbered from 0, none of them small or medium',
    truth: join(padilla, 'toyexample/gts_coco_format/toy_example_coco.JSON'),
    detections: join(padilla, 'toyexample/dets_coco_format/coco_dets.json'),
    expected: [
      0.4952168788307403, 0.7594884488448845, 0.3962871287128712, -1, -1, 0.4952168788307403, 0.475, 0.5833333333333334,
      0.5833333333333334, -1, -1, 0.5833333333333334,
    ],
  },
];

for (const { title, truth, detections, expected } of REFERENCES) {
  describeWith('COCO evaluation against pycocotools', [truth, detections], () => {
    it(title, () => {
      const groundTruth = readCocoGroundTruth(readFileSync(truth, 'utf8'));
      const found = readCocoDetections(readFileSync(detections, 'utf8'), groundTruth);
      expect(found.notes).toEqual([]);
      const { summary } = evaluateCoco({ ...groundTruth, ...found });
      const ours = NAMES.map((name) => summary[name]);
      recordFidelity({
        table: 'Metrics',
        subject: 'COCO, twelve numbers',
        source: 'pycocotools 2.0.11',
        what: `${title} (AP)`,
        reference: expected[0],
        ours: summary.AP,
        largestDifference: largestDifference(ours, expected),
        tolerance: 1e-9,
      });
    });
  });
}

it('the thresholds are those of numpy.linspace(.5, .95, 10), the ninth a rounding below .9', () => {
  const linspace = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95];
  expect([...IOU_THRESHOLDS]).toEqual(linspace);
});
