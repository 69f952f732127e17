/** What is said of a detection, or of an object that should have been one. Boxes are in pixels of the picture. */
import type { CornerBox, ImagePx } from '../geometry/box';
import type { BoxPlace } from './box-place';
import type { MissVerdict } from './miss-verdict';
import type { Fate } from './selection-trace';

/** What the network says of one class at one default box. Class -1 is background. */
export interface ClassAnswer {
  readonly classIndex: number;
  /** Before softmax. */
  readonly logit: number;
  readonly score: number;
}

/** A default box with what the network made of it. */
export interface ExplainedBox extends BoxPlace {
  readonly defaultBox: CornerBox<ImagePx>;
  /** tx, ty, tw, th as the network gives them. */
  readonly offsets: readonly [number, number, number, number];
  /** As suppression compares it: it may reach beyond the picture. */
  readonly decoded: CornerBox<ImagePx>;
  /** Inside the picture, as a detection has it. */
  readonly box: CornerBox<ImagePx>;
}

/** A box that suppression took out in favour of another. */
export interface RemovedBox extends ExplainedBox {
  readonly score: number;
  /** With the box that stayed, as suppression computes it. */
  readonly iou: number;
}

export interface DetectionExplanation extends ExplainedBox {
  readonly kind: 'detection';
  readonly classIndex: number;
  readonly score: number;
  readonly fate: Fate;
  /** The cell of the source's map. */
  readonly cell: CornerBox<ImagePx>;
  readonly variances: readonly [number, number];
  /** Background first, then the classes in their order. */
  readonly answers: readonly ClassAnswer[];
  /** Best first. */
  readonly removed: readonly RemovedBox[];
}

/** One of the default boxes that overlap an object most. */
export interface ObjectBox extends ExplainedBox {
  /** Of the default box with the object, as the matching sees it. */
  readonly iou: number;
  /** Whether training gives it this object: it overlaps enough, it is the object's best, or it does not. */
  readonly learns: 'enough' | 'best' | 'no';
  /** Of the object's class; of its best class where the object has none. */
  readonly own: ClassAnswer;
  /** Its highest score of all, background included. */
  readonly says: ClassAnswer;
  /** Of the decoded box with the object. */
  readonly decodedIou: number;
  /** As a detection of the object's class. */
  readonly fate: Fate;
}

export interface ObjectExplanation {
  readonly kind: 'object';
  /** Null: of no class that the detector knows. */
  readonly classIndex: number | null;
  readonly box: CornerBox<ImagePx>;
  readonly matchingThreshold: number;
  /** By their overlap with the object, best first. */
  readonly boxes: readonly ObjectBox[];
  readonly verdict: MissVerdict;
  /** The box that the verdict is about and, of a suppressed one, the box that took it out. */
  readonly about: readonly ExplainedBox[];
}

export type Explanation = DetectionExplanation | ObjectExplanation;
