/** How right, wrong and missed boxes are drawn: told apart by line and words, not by colour alone. */
import type { EvaluatedImage } from '@core/evaluation/report';
import type { DrawnBox } from '../../canvas/draw';
import { classColour } from '../../ui/palette';
import { type Counts, type Outcome, type OutcomeBox, outcomesOf } from './operating-point';

export const countsText = ({ truePositives, falsePositives, missed }: Counts): string =>
  `${truePositives} right · ${falsePositives} wrong · ${missed} missed`;

/** Wrong and missed have a colour of their own beside their dashes and fill, because a class colour may be any. */
const WRONG = { line: '#ff6b6b', on: '#000000' };
const MISSED = { line: '#ffffff', on: '#000000' };

/**
 * The boxes of a picture at a threshold, of one class or of all (null). Ground truths that were found are left out: their
 * detection says it.
 */
export function drawingOf(
  image: EvaluatedImage,
  threshold: number,
  classIndex: number | null,
  classNames: readonly string[],
): readonly DrawnBox[] {
  return shownOutcomes(image, threshold, classIndex).map((each) => drawn(each, classNames));
}

/** Those that are drawn, in the order of drawing. */
export function shownOutcomes(
  image: EvaluatedImage,
  threshold: number,
  classIndex: number | null,
): readonly OutcomeBox[] {
  return outcomesOf(image, threshold).filter(
    (each) => each.outcome !== 'found' && (classIndex === null || each.classIndex === classIndex),
  );
}

/** What a box is called: "✗ wrong: cat 0.93". */
export function outcomeLabel({ outcome, classIndex, score, kind }: OutcomeBox, classNames: readonly string[]): string {
  const name = classNames[classIndex] ?? 'unknown class';
  const scored = score === null ? name : `${name} ${score.toFixed(2)}`;
  const labels: Readonly<Record<Outcome, string>> = {
    'true positive': `✓ ${scored}`,
    'false positive': `✗ wrong: ${scored}`,
    missed: `missed: ${name}`,
    found: name,
    ignored: kind === 'truth' ? `difficult: ${name}` : `ignored: ${scored}`,
  };
  return labels[outcome];
}

function drawn(outcomeBox: OutcomeBox, classNames: readonly string[]): DrawnBox {
  const { outcome, box, classIndex } = outcomeBox;
  const { line, on } = classColour(classIndex);
  const label = outcomeLabel(outcomeBox, classNames);
  if (outcome === 'true positive') return { box, colour: line, on, label };
  if (outcome === 'false positive')
    return { box, colour: WRONG.line, on: WRONG.on, label, dashed: true, emphasis: true };
  if (outcome === 'missed')
    return { box, colour: MISSED.line, on: MISSED.on, label, dashed: true, fill: 0.35, emphasis: true };
  return { box, colour: line, on, label, faint: true };
}
