/**
 * A graph of TensorFlow operations as a SavedModel, the one form in which tfjs-node loads graphs. The messages are TensorFlow's
 * (tensorflow/core/protobuf/saved_model.proto, meta_graph.proto and tensorflow/core/framework/*.proto); field numbers are theirs.
 */
import protobuf from 'protobufjs';

const { Writer } = protobuf;
type Writer = protobuf.Writer;

/** TensorFlow's own sort, a number of types.proto. */
type DataType = number;

export interface TensorConstant {
  readonly type: DataType;
  readonly shape: readonly number[];
  /** Little endian. */
  readonly bytes: Uint8Array;
}

export type AttributeValue =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'int' | 'float' | 'type'; readonly value: number }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'ints' | 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'shape'; readonly value: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: TensorConstant };

export interface GraphNode {
  readonly name: string;
  readonly operation: string;
  /** NODE:OUTPUT */
  readonly inputs: readonly string[];
  readonly attributes: readonly (readonly [name: string, value: AttributeValue])[];
}

/** The tag under which the graph is found in its file. */
export const GRAPH_TAG = 'serve';

/** Of TensorFlow 2.9, which tfjs-node 4 comes with: operations mean what they meant then. */
const PRODUCER = 1087;

const SAVED_MODEL_SCHEMA = 1;

/** The contents of saved_model.pb. */
export function encodeSavedModel(nodes: readonly GraphNode[]): Uint8Array {
  const writer = Writer.create();
  writer.uint32(field(1, VARINT)).int64(SAVED_MODEL_SCHEMA);
  message(writer, 2, (metaGraph) => {
    message(metaGraph, 1, (information) => information.uint32(field(4, BYTES)).string(GRAPH_TAG));
    message(metaGraph, 2, (graph) => {
      for (const node of nodes) message(graph, 1, (writer) => encodeNode(writer, node));
      message(graph, 4, (versions) => versions.uint32(field(1, VARINT)).int32(PRODUCER));
    });
  });
  return writer.finish();
}

function encodeNode(writer: Writer, { name, operation, inputs, attributes }: GraphNode): void {
  writer.uint32(field(1, BYTES)).string(name);
  writer.uint32(field(2, BYTES)).string(operation);
  for (const input of inputs) writer.uint32(field(3, BYTES)).string(input);
  for (const [name, value] of attributes) {
    message(writer, 5, (entry) => {
      entry.uint32(field(1, BYTES)).string(name);
      message(entry, 2, (encoded) => encodeAttribute(encoded, value));
    });
  }
}

function encodeAttribute(writer: Writer, attribute: AttributeValue): void {
  switch (attribute.kind) {
    case 'text':
      writer.uint32(field(2, BYTES)).string(attribute.value);
      break;
    case 'int':
      writer.uint32(field(3, VARINT)).int64(attribute.value);
      break;
    case 'float':
      writer.uint32(field(4, FIXED32)).float(attribute.value);
      break;
    case 'flag':
      writer.uint32(field(5, VARINT)).bool(attribute.value);
      break;
    case 'type':
      writer.uint32(field(6, VARINT)).int32(attribute.value);
      break;
    case 'shape':
      message(writer, 7, (shape) => encodeShape(shape, attribute.value));
      break;
    case 'tensor':
      message(writer, 8, (tensor) => encodeTensor(tensor, attribute.value));
      break;
    case 'ints':
      message(writer, 1, (list) => attribute.value.forEach((value) => list.uint32(field(3, VARINT)).int64(value)));
      break;
    case 'floats':
      message(writer, 1, (list) => attribute.value.forEach((value) => list.uint32(field(4, FIXED32)).float(value)));
      break;
  }
}

function encodeTensor(writer: Writer, { type, shape, bytes }: TensorConstant): void {
  writer.uint32(field(1, VARINT)).int32(type);
  message(writer, 2, (dimensions) => encodeShape(dimensions, shape));
  writer.uint32(field(4, BYTES)).bytes(bytes);
}

function encodeShape(writer: Writer, shape: readonly number[]): void {
  for (const size of shape) message(writer, 2, (dimension) => dimension.uint32(field(1, VARINT)).int64(size));
}

/** Wire types of Protocol Buffers. */
const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

const field = (number: number, wireType: number): number => (number << 3) | wireType;

function message(writer: Writer, number: number, encode: (writer: Writer) => void): void {
  encode(writer.uint32(field(number, BYTES)).fork());
  writer.ldelim();
}
