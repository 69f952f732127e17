/** Where a detection comes from and why an object was missed. */
import { z } from 'zod';
import type { Explanation } from '../priors/explanation';
import type { HardNegatives } from '../priors/provenance';
import { channel } from './channel';
import { operationId } from './projects';
import { droppedImage, runId } from './run-schema';

const score = z.number().min(0).max(1);
const coordinate = z.number().finite();

const explainQuestion = z.discriminatedUnion('kind', [
  /** Of any default box as a detection of a class, whether it is put out or not. */
  z.object({
    kind: z.literal('detection'),
    prior: z.number().int().min(0),
    classIndex: z.number().int().min(0).max(1000),
  }),
  /** Every detection of at least this score, best first. */
  z.object({ kind: z.literal('detections'), scoreThreshold: score }),
  /** An object counts as found by a detection of its class with such a score and overlap; class null: of any class. */
  z.object({
    kind: z.literal('object'),
    classIndex: z.number().int().min(0).max(1000).nullable(),
    box: z
      .object({ x1: coordinate, y1: coordinate, x2: coordinate, y2: coordinate })
      .refine((b) => b.x2 > b.x1 && b.y2 > b.y1, 'a box needs a width and a height'),
    scoreThreshold: score,
    iouThreshold: score,
  }),
]);
export type ExplainQuestion = z.output<typeof explainQuestion>;

export interface ExplanationAnswer {
  /** Of the detector, background not counted. */
  readonly classNames: readonly string[];
  /** The checkpoint that was asked. */
  readonly step: number;
  readonly explanations: readonly Explanation[];
}

export interface HardNegativesAnswer extends HardNegatives {
  /** The checkpoint that was asked. */
  readonly step: number;
}

/** The network runs once per picture; further questions about it are answered at once. */
export const explainChannels = {
  'detect.explain': channel(
    z.object({ runId, image: droppedImage, question: explainQuestion, operationId }),
  ).returns<ExplanationAnswer>(),
  /** Of a picture of the project: its other objects take part in the matching. */
  'evaluation.explain': channel(
    z.object({ runId, imageId: z.number().int().positive(), question: explainQuestion, operationId }),
  ).returns<ExplanationAnswer>(),
  /** The negatives that the run's loss would count on a picture of the project, among the default boxes of the run. */
  'evaluation.hardNegatives': channel(
    z.object({ runId, imageId: z.number().int().positive(), operationId }),
  ).returns<HardNegativesAnswer>(),
} as const;
