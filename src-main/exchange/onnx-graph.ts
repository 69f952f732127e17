/**
 * A small builder for ONNX graphs over resources/onnx.proto: nodes, initialisers, inputs, outputs -> the bytes of a .onnx file.
 * Format: github.com/onnx/onnx, IR version 8. Operators are those of opset 17, which onnxruntime runs since 1.12.
 */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

export const OPSET = 17;
const IR_VERSION = 8;
const FLOAT = 1;
const INT64 = 7;

type AttributeValue = number | readonly number[] | string;

let schema: protobuf.Root | null = null;

/** Message types of resources/onnx.proto, parsed once. The path holds in the source tree and in the bundle (out/main). */
export function onnxType(name: string): protobuf.Type {
  schema ??= protobuf.parse(readFileSync(new URL('../../resources/onnx.proto', import.meta.url), 'utf8'), {
    keepCase: true,
  }).root;
  return schema.lookupType(`onnx.${name}`);
}

/** Integers become INT, non-integers must be given as {float}; ONNX types attributes by kind, not by value. */
export interface FloatAttribute {
  readonly float: number;
}

function attribute(name: string, value: AttributeValue | FloatAttribute): object {
  if (typeof value === 'number') return { name, i: value, type: 2 };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: 3 };
  if ('float' in value) return { name, f: value.float, type: 1 };
  return { name, ints: [...value], type: 7 };
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export class OnnxGraph {
  private readonly nodes: object[] = [];
  private readonly initializers: object[] = [];
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];

  /** Adds a node with one output, which is named `output` and returned. */
  node(
    type: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeValue | FloatAttribute>> = {},
  ): string {
    this.nodes.push({
      op_type: type,
      name: output,
      input: [...inputs],
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return output;
  }

  floats(name: string, shape: readonly number[], data: Float32Array): string {
    const size = shape.reduce((a, b) => a * b, 1);
    if (size !== data.length)
      throw new Error(`${name}: ${data.length} values do not fill the shape [${shape.join(', ')}]`);
    this.initializers.push({ name, dims: [...shape], data_type: FLOAT, raw_data: bytesOf(data) });
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    this.initializers.push({ name, dims: [values.length], data_type: INT64, int64_data: [...values] });
    return name;
  }

  input(name: string, shape: readonly (number | string)[], doc: string): string {
    this.inputs.push(valueInfo(name, shape, doc));
    return name;
  }

  output(name: string, shape: readonly (number | string)[], doc: string): void {
    this.outputs.push(valueInfo(name, shape, doc));
  }

  /** The whole file. Throws an Error naming the field when the graph does not fit the schema. */
  encode(name: string, doc: string, metadata: Readonly<Record<string, string>>, producerVersion: string): Uint8Array {
    const model = {
      ir_version: IR_VERSION,
      producer_name: 'SSD Studio',
      producer_version: producerVersion,
      doc_string: doc,
      opset_import: [{ domain: '', version: OPSET }],
      metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name,
        node: this.nodes,
        initializer: this.initializers,
        input: this.inputs,
        output: this.outputs,
      },
    };
    const type = onnxType('ModelProto');
    const problem = type.verify(model);
    if (problem !== null) throw new Error(`ONNX model: ${problem}`);
    return type.encode(type.fromObject(model)).finish();
  }
}

function valueInfo(name: string, shape: readonly (number | string)[], doc: string): object {
  return {
    name,
    doc_string: doc,
    type: {
      tensor_type: {
        elem_type: FLOAT,
        shape: { dim: shape.map((d) => (typeof d === 'number' ? { dim_value: d } : { dim_param: d })) },
      },
    },
  };
}
