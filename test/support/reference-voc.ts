/** VOC's average precision once more, after py-faster-rcnn's voc_eval.py and without regard for time. */
import type { EvaluationImage, GroundTruth } from '@core/evaluation/pictures';
import type { VocConvention } from '@core/evaluation/voc-convention';

interface Choice {
  readonly metric: 'voc' | 'voc07';
  readonly iouThreshold: number;
  readonly convention: VocConvention;
}

/** Null without objects. */
export function referenceVoc(images: readonly EvaluationImage[], classIndex: number, choice: Choice): number | null {
  const { metric, iouThreshold, convention } = choice;
  const plus = convention.pixels === 'inclusive' ? 1 : 0;
  const classTruths = images.map(({ groundTruths }) =>
    groundTruths.filter((object) => object.classIndex === classIndex),
  );
  const isDifficult = (object: GroundTruth): boolean =>
    object.crowd === true || (convention.difficult === 'ignored' && object.difficult);
  const positives = classTruths.flat().filter((object) => !isDifficult(object)).length;
  if (positives === 0) return null;

  const ranking = images
    .flatMap(({ detections }, image) => detections.map((detection) => ({ image, ...detection })))
    .filter((detection) => detection.classIndex === classIndex)
    .sort((a, b) => b.score - a.score);
  const taken = new Set<object>();
  let [tp, fp] = [0, 0];
  const curve = ranking.map(({ image, box }) => {
    const overlaps = classTruths[image].map((object) => {
      const width = Math.max(0, Math.min(box.x2, object.box.x2) - Math.max(box.x1, object.box.x1) + plus);
      const height = Math.max(0, Math.min(box.y2, object.box.y2) - Math.max(box.y1, object.box.y1) + plus);
      const [area, own] = [box, object.box].map(({ x1, y1, x2, y2 }) => (x2 - x1 + plus) * (y2 - y1 + plus));
      return (width * height) / (area + own - width * height);
    });
    const largest = Math.max(-1, ...overlaps);
    const nearest = classTruths[image][overlaps.indexOf(largest)];
    if (convention.atThreshold === 'found' ? largest >= iouThreshold : largest > iouThreshold) {
      if (!isDifficult(nearest)) {
        if (taken.has(nearest)) fp++;
        else tp++;
        taken.add(nearest);
      }
    } else fp++;
    return { recall: tp / positives, precision: tp / Math.max(tp + fp, 2 ** -52) };
  });

  const bestFrom = (recall: number): number =>
    Math.max(0, ...curve.filter((point) => point.recall >= recall).map(({ precision }) => precision));
  if (metric === 'voc07') {
    const tenths = Array.from({ length: 11 }, (_, i) =>
      convention.elevenPointThresholds === 'numpy' ? i * 0.1 : i / 10,
    );
    return tenths.reduce((sum, recall) => sum + bestFrom(recall), 0) / 11;
  }
  const recalls = [...new Set(curve.map(({ recall }) => recall))].sort((a, b) => a - b);
  return recalls.reduce((sum, recall, i) => sum + (recall - (recalls[i - 1] ?? 0)) * bestFrom(recall), 0);
}
