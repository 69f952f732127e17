/** What an export can be, and what is told of one: what was written, and what reopening it showed. */

import type { WrittenLayout } from '../weights/export-names';

export const EXPORT_FORMATS = ['onnx', 'tfjs', 'safetensors', 'pytorch'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** As people know them. */
export const EXPORT_FORMAT_NAMES: Readonly<Record<ExportFormat, string>> = {
  onnx: 'ONNX',
  tfjs: 'TensorFlow.js',
  safetensors: 'safetensors',
  pytorch: 'PyTorch',
};

/** A tensor that goes into a graph or comes out of it; a dimension that is any number has a letter. */
export interface GraphPort {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

interface Written {
  readonly path: string;
  /** Of all files together. */
  readonly bytes: number;
}

/** A whole detector: pixels in, boxes and scores out. */
interface GraphExport extends Written {
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly verification: PredictionVerification;
}

export interface OnnxExport extends GraphExport {
  readonly format: 'onnx';
  readonly opset: number;
}

/** A folder: model.json and its weight files. */
export interface TfjsExport extends GraphExport {
  readonly format: 'tfjs';
  readonly files: number;
}

/** Weights alone, in a file of one kind or another. */
export interface WeightsExport extends Written {
  readonly format: 'safetensors' | 'pytorch';
  /** Whose parameter names they carry. */
  readonly names: WrittenLayout;
  readonly verification: TensorVerification;
}

export type ExportReport = OnnxExport | TfjsExport | WeightsExport;

/** Our own prediction against the file reopened in a runtime that is not ours, on one picture. */
export interface PredictionVerification {
  readonly picture: string;
  readonly runtime: string;
  /** As fractions of the picture's side. */
  readonly largestBoxDifference: number;
  readonly largestScoreDifference: number;
  readonly boxTolerance: number;
  readonly scoreTolerance: number;
  readonly passed: boolean;
}

/** The file reopened by our own reader, every tensor compared bit for bit. */
export interface TensorVerification {
  readonly tensors: number;
  /** Names of those that came back otherwise, or not at all, or that nobody wrote. */
  readonly different: readonly string[];
  readonly passed: boolean;
}
