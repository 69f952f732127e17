/**
 * A small builder for TensorFlow.js graph models: nodes, constants, signature -> model.json and its weight files.
 * Format: a TensorFlow GraphDef as JSON (tensorflow/core/framework/graph.proto) with the values of constants outside, as
 * tfjs-converter 4 reads it. Activations are NHWC. Every operator is one that TensorFlow itself knows, with its attributes.
 */

import type { NamedFile } from './write-folder';

/** What web servers and browsers cache well, and what tensorflowjs_converter writes. */
const SHARD_BYTES = 4 * 1024 * 1024;
/** Of TensorFlow's graph format, since 2.5; operators used here are older. */
const GRAPH_VERSION = { producer: 808, minConsumer: 12 };

type Attribute = Readonly<Record<string, unknown>>;

export const attribute = {
  type: (type: 'DT_FLOAT' | 'DT_INT32'): Attribute => ({ type }),
  text: (text: string): Attribute => ({ s: Buffer.from(text).toString('base64') }),
  flag: (b: boolean): Attribute => ({ b }),
  count: (i: number): Attribute => ({ i: String(i) }),
  float: (f: number): Attribute => ({ f }),
  counts: (values: readonly number[]): Attribute => ({ list: { i: values.map(String) } }),
};

/** -1: any number, for the batch. */
type Dimensions = readonly number[];
const shapeOf = (dimensions: Dimensions) => ({ dim: dimensions.map((size) => ({ size: String(size) })) });

/** The weight files of a model: what `encode` names them. */
export const SHARD_NAME = /^group\d+-shard\d+of\d+\.bin$/;

interface Constant {
  readonly name: string;
  readonly shape: Dimensions;
  readonly dtype: 'float32' | 'int32';
  readonly bytes: Uint8Array;
}

export class TfjsGraph {
  private readonly nodes: object[] = [];
  private readonly constants: Constant[] = [];
  private readonly inputs: Record<string, object> = {};
  private readonly outputs: Record<string, object> = {};

  input(name: string, shape: Dimensions): string {
    this.nodes.push({
      name,
      op: 'Placeholder',
      attr: { dtype: attribute.type('DT_FLOAT'), shape: { shape: shapeOf(shape) } },
    });
    this.inputs[name] = tensorInfo(name, shape);
    return name;
  }

  output(name: string, shape: Dimensions): void {
    this.outputs[name] = tensorInfo(name, shape);
  }

  /** Adds a node on float32 tensors; its name is that of its first output, and is returned. */
  node(
    op: string,
    inputs: readonly string[],
    name: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    this.nodes.push({ name, op, input: [...inputs], attr: { T: attribute.type('DT_FLOAT'), ...attributes } });
    return name;
  }

  floats(name: string, shape: Dimensions, data: Float32Array): string {
    const size = shape.reduce((a, b) => a * b, 1);
    if (size !== data.length) {
      throw new Error(`${name}: ${data.length} values do not fill the shape [${shape.join(', ')}]`);
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return this.constant({ name, shape, dtype: 'float32', bytes });
  }

  /** Whole numbers: one alone, a vector, or a matrix given by its rows. */
  integers(name: string, values: number | readonly number[] | readonly (readonly number[])[]): string {
    const rows = typeof values === 'number' ? [] : values;
    const shape = typeof values === 'number' ? [] : [rows.length];
    if (typeof rows[0] === 'object') shape.push(rows[0].length);
    const data = Int32Array.from([values].flat(2));
    return this.constant({ name, shape, dtype: 'int32', bytes: new Uint8Array(data.buffer) });
  }

  /** model.json first, then the weight files that it names. */
  encode(title: string, metadata: Readonly<Record<string, string>>): NamedFile[] {
    const shards = this.shards();
    const model = {
      format: 'graph-model',
      generatedBy: title,
      convertedBy: null,
      signature: { inputs: this.inputs, outputs: this.outputs },
      // structuredOutputKeys makes GraphModel.predict answer {boxes, scores} instead of a bare list.
      userDefinedMetadata: { ...metadata, structuredOutputKeys: Object.keys(this.outputs) },
      modelTopology: { node: this.nodes, library: {}, versions: GRAPH_VERSION },
      weightsManifest: [
        {
          paths: shards.map(({ name }) => name),
          weights: this.constants.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
        },
      ],
    };
    return [{ name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(model)) }, ...shards];
  }

  private constant(constant: Constant): string {
    const { name, dtype } = constant;
    this.constants.push(constant);
    this.nodes.push({
      name,
      op: 'Const',
      attr: {
        dtype: attribute.type(dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32'),
        value: {
          tensor: { dtype: dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32', tensorShape: shapeOf(constant.shape) },
        },
      },
    });
    return name;
  }

  /** All constants, one after the other, cut into files of SHARD_BYTES; a constant may lie across two. */
  private shards(): NamedFile[] {
    const all = Buffer.concat(this.constants.map(({ bytes }) => bytes));
    const count = Math.max(1, Math.ceil(all.length / SHARD_BYTES));
    return Array.from({ length: count }, (_, i) => ({
      name: `group1-shard${i + 1}of${count}.bin`,
      bytes: all.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
    }));
  }
}

const tensorInfo = (name: string, shape: Dimensions) => ({
  name: `${name}:0`,
  dtype: 'DT_FLOAT',
  tensorShape: shapeOf(shape),
});
