/** Why an object was not found, in one sentence. */

/** `score` is the confidence of the object's class, `iou` the overlap with the object; class indices without background. */
export type MissVerdict =
  /** It was found after all. */
  | { readonly kind: 'found'; readonly score: number; readonly iou: number }
  /** What covers it overlaps another object of its class more. */
  | { readonly kind: 'shared'; readonly score: number; readonly iou: number }
  /** A good box of its own was removed; `overlap` is the one that suppression compared. */
  | {
      readonly kind: 'suppressed';
      readonly score: number;
      readonly iou: number;
      readonly byScore: number;
      readonly overlap: number;
    }
  /** A good box of its own was left out because more boxes scored higher than the rules let through. */
  | { readonly kind: 'crowdedOut'; readonly score: number; readonly iou: number; readonly limit: number }
  | { readonly kind: 'confused'; readonly classIndex: number; readonly otherScore: number; readonly score: number }
  | { readonly kind: 'unreached'; readonly bestIou: number; readonly needed: number }
  | { readonly kind: 'displaced'; readonly score: number; readonly iou: number; readonly needed: number }
  | { readonly kind: 'unsure'; readonly score: number; readonly needed: number }
  | { readonly kind: 'background'; readonly score: number };

const two = (value: number): string => value.toFixed(2);

/** @param nameOf the name of a class */
export function describeVerdict(verdict: MissVerdict, nameOf: (classIndex: number) => string): string {
  switch (verdict.kind) {
    case 'found':
      return `It is found: a detection of score ${two(verdict.score)} overlaps it with IoU ${two(verdict.iou)}.`;
    case 'shared':
      return `What covers it (score ${two(verdict.score)}, IoU ${two(verdict.iou)}) fits another object better, and a detection counts once.`;
    case 'suppressed':
      return `Suppressed: its box (score ${two(verdict.score)}, IoU ${two(verdict.iou)}) was removed in favour of a detection of score ${two(verdict.byScore)} that overlaps that box by ${two(verdict.overlap)}.`;
    case 'crowdedOut':
      return `Crowded out: its box (score ${two(verdict.score)}, IoU ${two(verdict.iou)}) is not among the best ${verdict.limit} that the detector keeps.`;
    case 'confused':
      return `Confused with ${nameOf(verdict.classIndex)}: score ${two(verdict.otherScore)}, ${two(verdict.score)} for its own class.`;
    case 'unreached':
      return `No default box reaches it: the best has IoU ${two(verdict.bestIou)}, and ${two(verdict.needed)} is needed to learn it.`;
    case 'displaced':
      return `Localised too far off: its box of score ${two(verdict.score)} overlaps it with IoU ${two(verdict.iou)}, and ${two(verdict.needed)} is needed.`;
    case 'unsure':
      return `Not sure enough: its boxes score ${two(verdict.score)} at best, and ${two(verdict.needed)} is asked for.`;
    case 'background':
      return `Its boxes say background: the best score for its class is ${two(verdict.score)}.`;
  }
}
