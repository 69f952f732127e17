/** The nouns of a project: classes, pictures, labelled objects, splits. */
import type { CornerBox, ImagePx } from '../geometry/box';

export type Split = 'train' | 'val' | 'test';
export const SPLITS: readonly Split[] = ['train', 'val', 'test'];

/** A class that people label. `id` is the database's; the detector's class index (background 0) is order + 1. */
export interface LabelClass {
  readonly id: number;
  readonly name: string;
  /** Position in the class list from 0: decides the digit key, the palette colour and the detector's class index. */
  readonly order: number;
}

/** One labelled object. `id` is a UUID made where the object is drawn or read, so that an edit never waits for the database. */
export interface LabelledObject {
  readonly id: string;
  readonly classId: number;
  readonly box: CornerBox<ImagePx>;
  readonly difficult: boolean;
  readonly truncated: boolean;
  readonly crowd: boolean;
}

/** A picture of the project. Width and height are those after EXIF orientation, in pixels. */
export interface ProjectImage {
  readonly id: number;
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  readonly split: Split | null;
  /** What keeps this picture from being used (missing, corrupt), or null. */
  readonly problem: string | null;
  readonly objects: readonly LabelledObject[];
}

/** What the picture grid is narrowed to; absent fields do not narrow. */
export interface ImageFilter {
  readonly classId?: number;
  readonly split?: Split | 'none';
  readonly labelled?: boolean;
  readonly problem?: boolean;
  /** Part of the file name, case-insensitive. */
  readonly text?: string;
}
