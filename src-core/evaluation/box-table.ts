/**
 * The objects and the detections of a whole data set as columns: entry i of every column belongs to the same box.
 * Pictures and categories are positions in the data set's lists, which are in the order that decides between equal scores.
 */

interface BoxTable {
  readonly image: Int32Array;
  readonly category: Int32Array;
  /** Left, top, width, height in pixels, as COCO's files have them [n, 4]. */
  readonly boxes: Float64Array;
}

export interface GroundTruthTable extends BoxTable {
  /** COCO's `area`, of the segmentation where there is one: it decides whether an object is small, medium or large. */
  readonly area: Float64Array;
  /** 1: a crowd region, which detections may match any number of times without gain or loss. */
  readonly crowd: Uint8Array;
  /** 1: VOC's difficult objects, which are not to be found. */
  readonly difficult: Uint8Array;
  /** Identifier of the annotation; see `evaluateCoco` for what 0 does. */
  readonly id: Float64Array;
}

export interface DetectionTable extends BoxTable {
  readonly score: Float64Array;
  /** Of the masks that the boxes were drawn around; absent: width times height. */
  readonly area?: Float64Array;
}

/** Positions of pictures and categories in the tables are below these counts. */
export interface EvaluationTables {
  readonly imageCount: number;
  readonly classNames: readonly string[];
  readonly groundTruths: GroundTruthTable;
  readonly detections: DetectionTable;
}
