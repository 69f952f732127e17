/**
 * Records the operations that pass through tfjs-node's backend as a TensorFlow graph, and runs that graph. Its executor calls
 * no JavaScript between operations, runs independent ones side by side and joins some: half as long for networks of small layers.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Recorder, Recording } from './recording';
import { adopt, type Attribute, idsOf, type TensorflowBackend } from './tensorflow-backend';
import { type AttributeValue, encodeSavedModel, GRAPH_TAG, type GraphNode } from './tensorflow-graph';

type Binding = TensorflowBackend['binding'];

export function tensorflowRecorder(backend: TensorflowBackend): Recorder {
  return (inputs, work) => {
    const graph = new GraphOfCalls(backend.binding, inputs, idsOf(backend, inputs));
    const { binding } = backend;
    backend.binding = graph.listening;
    try {
      const results = work();
      const outputs = idsOf(backend, results).map((id) => graph.outputOf(id));
      return { results, recording: new GraphRecording(backend, graph.nodes, graph.placeholders, outputs) };
    } finally {
      backend.binding = binding;
    }
  };
}

/** The graph that the calls of a binding amount to. */
class GraphOfCalls {
  readonly nodes: GraphNode[] = [];
  readonly placeholders: readonly string[];
  /** Does what `binding` does, and is noted down. */
  readonly listening: Binding;
  /** NODE:OUTPUT of tensors, by their ids. */
  private readonly outputs = new Map<number, string>();

  constructor(
    private readonly binding: Binding,
    inputs: readonly Tensor[],
    ids: readonly number[],
  ) {
    this.placeholders = inputs.map(({ shape }, i) => {
      const type: AttributeValue = { kind: 'type', value: binding.TF_FLOAT };
      const name = this.add(
        'Placeholder',
        [],
        [
          ['dtype', type],
          ['shape', { kind: 'shape', value: shape }],
        ],
      );
      this.outputs.set(ids[i], `${name}:0`);
      return name;
    });
    this.listening = Object.create(binding, {
      createTensor: { value: this.createTensor.bind(this) },
      executeOp: { value: this.executeOp.bind(this) },
    }) as Binding;
  }

  /** NODE:OUTPUT of a tensor. What was made before the recording is a constant. */
  outputOf(id: number): string {
    const known = this.outputs.get(id);
    if (known) return known;
    const [copy] = this.binding.executeOp('Identity', [], [id], 1);
    const values = this.binding.tensorDataSync(copy.id);
    this.binding.deleteTensor(copy.id);
    return this.constant(id, copy.shape, copy.dtype, values);
  }

  private createTensor(shape: number[], type: number, values: ArrayBufferView): number {
    const id = this.binding.createTensor(shape, type, values);
    this.constant(id, shape, type, values);
    return id;
  }

  private executeOp(name: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number) {
    const results = this.binding.executeOp(name, attributes, inputs, outputs);
    const given = attributes.map((attribute) => [attribute.name, this.attributeValue(attribute)] as const);
    const node = this.add(
      name,
      inputs.map((id) => this.outputOf(id)),
      given,
    );
    results.forEach(({ id }, i) => this.outputs.set(id, `${node}:${i}`));
    return results;
  }

  private constant(id: number, shape: readonly number[], type: number, values: ArrayBufferView): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    const node = this.add(
      'Const',
      [],
      [
        ['dtype', { kind: 'type', value: type }],
        ['value', { kind: 'tensor', value: { type, shape, bytes } }],
      ],
    );
    this.outputs.set(id, `${node}:0`);
    return `${node}:0`;
  }

  private add(operation: string, inputs: GraphNode['inputs'], attributes: GraphNode['attributes']): string {
    const name = `n${this.nodes.length}`;
    this.nodes.push({ name, operation, inputs, attributes });
    return name;
  }

  private attributeValue({ name, type, value }: Attribute): AttributeValue {
    const { binding } = this;
    switch (type) {
      case binding.TF_ATTR_STRING:
        return { kind: 'text', value: value as string };
      case binding.TF_ATTR_BOOL:
        return { kind: 'flag', value: value as boolean };
      case binding.TF_ATTR_TYPE:
        return { kind: 'type', value: value as number };
      case binding.TF_ATTR_INT:
        return Array.isArray(value) ? { kind: 'ints', value } : { kind: 'int', value: value as number };
      case binding.TF_ATTR_FLOAT:
        return Array.isArray(value) ? { kind: 'floats', value } : { kind: 'float', value: value as number };
      default:
        throw new Error(`the attribute ${name} of type ${type} cannot be recorded`);
    }
  }
}

class GraphRecording implements Recording {
  readonly reads: readonly boolean[];
  private session: number | null = null;

  constructor(
    private readonly backend: TensorflowBackend,
    nodes: readonly GraphNode[],
    private readonly placeholders: readonly string[],
    private readonly outputs: readonly string[],
  ) {
    const read = new Set(nodes.flatMap(({ inputs }) => inputs));
    this.reads = placeholders.map((name) => read.has(`${name}:0`));
    this.session = load(backend.binding, nodes);
  }

  replay(inputs: readonly (Tensor | null)[], wanted: readonly number[]): Tensor[] {
    if (this.session === null) throw new Error('this recording has been disposed of');
    const { binding } = this.backend;
    const fed = inputs.flatMap((tensor, i) =>
      tensor && this.reads[i] ? [{ tensor, name: this.placeholders[i] }] : [],
    );
    const ids = idsOf(
      this.backend,
      fed.map(({ tensor }) => tensor),
    );
    const names = fed.map(({ name }) => `${name}:0`).join();
    const results = binding.runSavedModel(this.session, ids, names, wanted.map((i) => this.outputs[i]).join());
    return results.map((result) => adopt(this.backend, result));
  }

  dispose(): void {
    if (this.session !== null) this.backend.binding.deleteSavedModel(this.session);
    this.session = null;
  }
}

/** TensorFlow reads graphs from folders only. Returns the session's number. */
function load(binding: Binding, nodes: readonly GraphNode[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'ssd-studio-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(nodes));
    return binding.loadSavedModel(folder, GRAPH_TAG);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
