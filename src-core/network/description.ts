/**
 * A network as data (DESIGN.md 2): the single source that shape inference, receptive fields, cost, the executor, the ONNX
 * writer and the weight name maps read. Layers are in execution order; a layer names its inputs; 'input' is the picture.
 * Activations are NHWC when they run; kernels are described by [height, width].
 */

export type Pair = readonly [height: number, width: number];

interface LayerBase {
  readonly name: string;
}

export interface ConvolutionLayer extends LayerBase {
  readonly op: 'convolution';
  readonly input: string;
  /** Output channels; for depthwise it equals the input channels. */
  readonly filters: number;
  readonly kernel: Pair;
  readonly stride: number;
  /** Zeros added on each side [vertical, horizontal]. */
  readonly padding: Pair;
  readonly dilation: number;
  readonly depthwise: boolean;
  readonly bias: boolean;
  /** How fresh weights are drawn. */
  readonly initializer: 'xavierUniform' | 'kaimingNormal' | 'normal03' | 'normal01';
}

export interface BatchNormLayer extends LayerBase {
  readonly op: 'batchNorm';
  readonly input: string;
  readonly epsilon: number;
  /** new = (1-momentum)*old + momentum*batch, PyTorch's sense. */
  readonly momentum: number;
}

export interface ActivationLayer extends LayerBase {
  readonly op: 'activation';
  readonly input: string;
  readonly kind: 'relu' | 'relu6' | 'hardSwish' | 'hardSigmoid';
}

export interface MaxPoolLayer extends LayerBase {
  readonly op: 'maxPool';
  readonly input: string;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  /** Output size rounded up (Caffe) or down; SPEC.md 1.3. */
  readonly ceil: boolean;
}

/** y = g * x / ||x||, over channels, g learnable per channel (SPEC.md 1.4). */
export interface L2NormLayer extends LayerBase {
  readonly op: 'l2Norm';
  readonly input: string;
  readonly initialScale: number;
}

/** scale * inputs[0] + inputs[1]: the shortcut of an RFB block or of a residual. */
export interface ScaledAddLayer extends LayerBase {
  readonly op: 'scaledAdd';
  readonly inputs: readonly [string, string];
  readonly scale: number;
}

/** Along channels. */
export interface ConcatLayer extends LayerBase {
  readonly op: 'concat';
  readonly inputs: readonly string[];
}

/** Bilinear, align corners, to the size of another layer (RFBNet-E). */
export interface ResizeLayer extends LayerBase {
  readonly op: 'resize';
  readonly input: string;
  readonly like: string;
}

/** The mean over height and width: [1, 1, C]. */
export interface GlobalAveragePoolLayer extends LayerBase {
  readonly op: 'globalAveragePool';
  readonly input: string;
}

/** A map times a gate [1, 1, C], one factor per channel: the end of a squeeze-and-excitation block. */
export interface MultiplyLayer extends LayerBase {
  readonly op: 'multiply';
  readonly inputs: readonly [map: string, gate: string];
}

export type Layer =
  | ConvolutionLayer
  | BatchNormLayer
  | ActivationLayer
  | MaxPoolLayer
  | L2NormLayer
  | ScaledAddLayer
  | ConcatLayer
  | ResizeLayer
  | GlobalAveragePoolLayer
  | MultiplyLayer;

/** One prediction source: the feature map, and the layers that hold its offsets (4k channels) and confidences (C*k channels, box-major). */
export interface PredictionSource {
  readonly feature: string;
  readonly localisation: string;
  readonly confidence: string;
  readonly boxesPerCell: number;
}

/** What is subtracted and divided, per channel in the network's own channel order, on 0-255 values: (x - mean) / std. */
export interface Preprocessing {
  readonly channelOrder: 'rgb' | 'bgr';
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

export interface NetworkDescription {
  readonly architecture: ArchitectureId;
  readonly input: { readonly width: number; readonly height: number };
  /** Classes including background, which is index 0. */
  readonly classes: number;
  readonly preprocessing: Preprocessing;
  readonly layers: readonly Layer[];
  readonly sources: readonly PredictionSource[];
}

/** The zoo, smallest family first: the order in which a person meets them. */
export const ARCHITECTURE_IDS = [
  'rfb320',
  'slim320',
  'rfb640',
  'slim640',
  'ssdlite320',
  'ssd300',
  'ssd500',
  'ssd512',
  'rfbnet300',
  'rfbnet512',
  'rfbnet300-e',
  'rfbnet512-e',
  'rfbnet-mobile',
] as const;

export type ArchitectureId = (typeof ARCHITECTURE_IDS)[number];

/** A choice of network as a run or a screen names it; the rest follows from the project's classes and the default boxes. */
export interface NetworkChoice {
  readonly architecture: ArchitectureId;
  /** Of the VGG family: multiplies every width; 1 elsewhere. */
  readonly widthMultiplier: number;
  readonly input: { readonly width: number; readonly height: number };
  /** When weights expect other pixels than the architecture's own; absent: the architecture's own. */
  readonly preprocessing?: Preprocessing;
  /** Branches of RFBNet's blocks on VGG: 2 for weight files from before 2018-08-05 (SPEC.md 13.2); absent: 3. */
  readonly rfbBranches?: 2 | 3;
  /**
   * Of the VGG family: batch norm after every convolution of the base and of SSD's extra layers, with which it learns from nothing
   * (ScratchDet, arXiv 1810.08425). Absent: none, as published and as published weights want it.
   */
  readonly batchNorm?: boolean;
}
