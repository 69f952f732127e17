/** Files of text lines, one per picture or per class, as ground truth and detections of an evaluation. */
import { DetectionBuilder, nameOfNumber } from './evaluation-tables';
import type { DetectionsFile, GroundTruthFile, PictureSize } from './evaluation-tables';
import type { BoxLayout, LabelledBox } from './evaluation-text';
import { toBounds, type AnnotatedPictures } from './picture-boxes';

/** The content of one file under its own name without extension, or under the class that its name holds. */
export interface Named<T> {
  readonly name: string;
  readonly content: T;
}

export interface TextReading {
  readonly layout: BoxLayout;
  /** What classes mean that are numbered from 0. */
  readonly names: readonly string[];
  /** By the picture's name. */
  readonly sizes: ReadonlyMap<string, PictureSize>;
}

/** Throws FormatError where fractions come without a size of the picture. */
export function fromLines(
  { name, content }: Named<readonly LabelledBox[]>,
  { layout, names, sizes }: TextReading,
): AnnotatedPictures {
  const size = sizes.get(name) ?? null;
  const objects = content.map((box) => ({
    className: nameOfNumber(box.name, names),
    bounds: toBounds(box.numbers, layout, size),
  }));
  return { pictures: [{ name, size, objects }], notes: [] };
}

/** One file per picture. Throws FormatError where fractions come without a size of the picture. */
export function detectionsByPicture(
  files: readonly Named<readonly LabelledBox[]>[],
  truth: GroundTruthFile,
  { layout, names, sizes }: TextReading,
): DetectionsFile {
  const builder = new DetectionBuilder(truth, names);
  for (const { name: picture, content } of files) {
    const image = truth.imageOf.get(picture);
    const size = sizes.get(picture) ?? (image === undefined ? null : truth.sizes[image]);
    for (const { name, numbers, score } of content) {
      // A picture that the ground truth lacks is counted, not placed.
      const bounds = image === undefined ? numbers : toBounds(numbers, layout, size);
      builder.add(picture, name, bounds, score);
    }
  }
  return builder.file();
}

/** One file per class, corners in pixels, as VOC's devkit has them. */
export function detectionsByClass(
  files: readonly Named<readonly LabelledBox[]>[],
  truth: GroundTruthFile,
): DetectionsFile {
  const builder = new DetectionBuilder(truth);
  for (const { name: className, content } of files) {
    for (const { name, numbers, score } of content) {
      builder.add(name, className, toBounds(numbers, 'xyxy', null), score);
    }
  }
  return builder.file();
}
