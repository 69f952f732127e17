/**
 * Training's passes, recorded at their first run for a shape of images and run as whole graphs from then on. Weights go in and
 * gradients come out as one flat tensor each, so that a step crosses between JavaScript and the engine a few times only.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { RawOutput } from './executor-heads';
import type { ParameterTable } from './executor-parameters';
import type { HostParameters } from './executor-parameters-host';
import { type ForwardPass, type PassParameters, type Passes, releasePass } from './executor-passes';
import { DeviceGradients, type HostGradients } from './gradients';
import type { Recorder, Recording } from './recording';

interface Recorded {
  readonly forward: Recording;
  backward: Recording | null;
  /** The running statistics that the forward pass moves. */
  readonly moves: readonly Move[];
  /** What it keeps for the backward pass, in order. */
  readonly kept: readonly Kept[];
}

interface Move {
  readonly name: string;
  readonly momentum: number;
  readonly size: number;
}

interface Kept {
  readonly in: 'maps' | 'saved';
  readonly name: string;
}

/** Results of the forward recording before those that are kept: offsets, scores, statistics of the batch. */
const OUTPUTS = 3;
/** Inputs of the backward recording before what was kept: the outputs' gradients, the weights, the images. */
const GIVEN = 4;

export class RecordedPasses {
  private readonly byShape = new Map<string, Recorded>();
  /** What was recorded did not run here. */
  private failed = false;

  constructor(
    private readonly recorder: Recorder,
    private readonly passes: Passes,
    private readonly parameters: HostParameters,
  ) {}

  /** As `Passes.forward`. */
  forward(images: Tensor4D): ForwardPass {
    if (this.failed) return this.passes.forward(images, this.parameters);
    const numbers = tf.keep(tf.tensor1d(this.parameters.values));
    const known = this.byShape.get(images.shape.join());
    if (!known) return this.recordForward(images, numbers);
    const { forward, backward, moves, kept } = known;
    const read = kept.map((_, i) => i).filter((i) => backward === null || backward.reads[GIVEN + i]);
    const wanted = [0, 1, 2, ...read.map((i) => OUTPUTS + i)];
    const [localisation, confidence, statistics, ...rest] = forward.replay([images, numbers], wanted).map(tf.keep);
    this.move(moves, statistics);
    const pass = { localisation: localisation as Tensor3D, confidence: confidence as Tensor3D, numbers };
    return {
      ...pass,
      ...unpack(
        images,
        read.map((i) => kept[i]),
        rest,
      ),
    };
  }

  /** As `Passes.backward`. */
  backward(pass: ForwardPass, ofOutputs: RawOutput, gradients: HostGradients): void {
    const images = pass.maps.get('input')!;
    const known = this.byShape.get(images.shape.join());
    const { numbers } = pass;
    if (this.failed || !known || !numbers) {
      return this.passes.backward(pass, ofOutputs, this.parameters, gradients);
    }
    try {
      const given = [ofOutputs.localisation, ofOutputs.confidence, numbers, images];
      const flat = known.backward
        ? known.backward.replay([...given, ...tensorsOf(pass, known.kept)], [0])[0]
        : this.recordBackward(pass, [...given, ...tensorsOf(pass, known.kept)] as Tensor[], known);
      gradients.addAll(flat.dataSync() as Float32Array);
      flat.dispose();
    } finally {
      tf.dispose([ofOutputs.localisation, ofOutputs.confidence]);
      releasePass(pass);
    }
  }

  dispose(): void {
    for (const { forward, backward } of this.byShape.values()) {
      forward.dispose();
      backward?.dispose();
    }
    this.byShape.clear();
  }

  private recordForward(images: Tensor4D, numbers: Tensor1D): ForwardPass {
    const flat = new FlatParameters(this.parameters.table, numbers);
    let kept: readonly Kept[] = [];
    const { results, recording } = this.recorder([images, numbers], () =>
      tf.tidy(() => {
        const { localisation, confidence, maps, saved } = this.passes.forward(images, flat);
        const statistics = flat.moved.length > 0 ? tf.concat(flat.moved.map(({ batch }) => batch)) : tf.tensor1d([0]);
        kept = [
          ...[...maps.keys()].filter((name) => name !== 'input').map((name) => ({ in: 'maps' as const, name })),
          ...[...saved].flatMap(([name, tensors]) => tensors.map(() => ({ in: 'saved' as const, name }))),
        ];
        const tensors = tensorsOf({ maps, saved }, kept) as Tensor[];
        flat.dispose();
        return [localisation, confidence, statistics, ...tensors].map(tf.keep);
      }),
    );
    this.failed = !reproduces(recording, [images, numbers], results);
    const moves = flat.moved.map(({ name, momentum, batch }) => ({ name, momentum, size: batch.size }));
    const known: Recorded = { forward: recording, backward: null, moves, kept };
    this.byShape.set(images.shape.join(), known);
    const [localisation, confidence, statistics, ...rest] = results;
    this.move(moves, statistics);
    const pass = { localisation: localisation as Tensor3D, confidence: confidence as Tensor3D, numbers };
    return { ...pass, ...unpack(images, kept, rest) };
  }

  /** Of the pass, which it leaves alone, the gradients as one tensor. */
  private recordBackward(pass: ForwardPass, inputs: readonly Tensor[], known: Recorded): Tensor {
    const { table } = this.parameters;
    const { results, recording } = this.recorder(inputs, () =>
      tf.tidy(() => {
        const flat = new FlatParameters(table, inputs[2] as Tensor1D);
        const gradients = new DeviceGradients();
        const [localisation, confidence] = inputs.map((input) => tf.clone(input)) as Tensor3D[];
        this.passes.backward(copyOf(pass), { localisation, confidence }, flat, gradients);
        const parts = table.learning.map(({ parameter, size }) =>
          tf.reshape(gradients.tensors.get(parameter.name) ?? tf.zeros([size]), [size]),
        );
        const all = tf.keep(tf.concat(parts));
        gradients.clear();
        flat.dispose();
        return [all];
      }),
    );
    known.backward = recording;
    this.failed = !reproduces(recording, inputs, results);
    return results[0];
  }

  /** Takes the statistics of a batch over. */
  private move(moves: readonly Move[], statistics: Tensor): void {
    const values = statistics.dataSync() as Float32Array;
    let at = 0;
    for (const { name, momentum, size } of moves) {
      this.parameters.move(name, momentum, values.subarray(at, at + size));
      at += size;
    }
    statistics.dispose();
  }
}

/** Parameters as pieces of one tensor. Moved statistics are left in `moved`. */
class FlatParameters implements PassParameters {
  readonly moved: { readonly name: string; readonly momentum: number; readonly batch: Tensor1D }[] = [];
  private readonly pieces = new Map<string, Tensor>();

  constructor(
    private readonly table: ParameterTable,
    private readonly numbers: Tensor1D,
  ) {}

  tensor<R extends Tensor>(name: string): R {
    const known = this.pieces.get(name);
    if (known) return known as R;
    const { offset, size, shape } = this.table.entry(name);
    const made = tf.keep(tf.tidy(() => tf.reshape(tf.slice(this.numbers, [offset], [size]), [...shape])));
    this.pieces.set(name, made);
    return made as R;
  }

  moveTowards(name: string, momentum: number, batch: Tensor1D): void {
    this.moved.push({ name, momentum, batch: tf.keep(batch) });
  }

  dispose(): void {
    this.pieces.forEach((piece) => piece.dispose());
    this.moved.forEach(({ batch }) => batch.dispose());
  }
}

/** Whether a recording runs and gives what the recorded work gave, but for rounding. */
function reproduces(recording: Recording, inputs: readonly Tensor[], results: readonly Tensor[]): boolean {
  try {
    const [again] = recording.replay(inputs, [0]);
    const [actual, expected] = [again.dataSync(), results[0].dataSync()];
    again.dispose();
    let [difference, whole] = [0, 0];
    for (let i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) ** 2;
      whole += expected[i] ** 2;
    }
    // Not finite where a training has failed: no fault of the recording.
    return !(difference > 0.01 * whole);
  } catch {
    return false;
  }
}

type Maps = Pick<ForwardPass, 'maps' | 'saved'>;

/** null: not there. */
function tensorsOf({ maps, saved }: Maps, kept: readonly Kept[]): (Tensor | null)[] {
  const places = new Map<string, number>();
  return kept.map(({ in: where, name }) => {
    if (where === 'maps') return maps.get(name) ?? null;
    const place = places.get(name) ?? 0;
    places.set(name, place + 1);
    return saved.get(name)?.[place] ?? null;
  });
}

function unpack(images: Tensor4D, kept: readonly Kept[], tensors: readonly Tensor[]): Maps {
  const maps = new Map([['input', images]]);
  const saved = new Map<string, Tensor[]>();
  kept.forEach(({ in: where, name }, i) => {
    if (where === 'maps') maps.set(name, tensors[i] as Tensor4D);
    else saved.set(name, [...(saved.get(name) ?? []), tensors[i]]);
  });
  return { maps, saved };
}

/** The same tensors, to be disposed of by themselves. */
const copyOf = ({ localisation, confidence, maps, saved }: ForwardPass): ForwardPass => ({
  localisation: tf.keep(tf.clone(localisation)),
  confidence: tf.keep(tf.clone(confidence)),
  maps: new Map([...maps].map(([name, map]) => [name, name === 'input' ? map : tf.keep(tf.clone(map))])),
  saved: new Map([...saved].map(([name, tensors]) => [name, tensors.map((tensor) => tf.keep(tf.clone(tensor)))])),
});
