/** ONNX files run in onnxruntime-node, the independent reader that exports are checked against and that `detect` uses. */
import type { InferenceSession } from 'onnxruntime-node';
import type { DetectorOutput } from './detector-output';

type Runtime = typeof import('onnxruntime-node');

async function loadRuntime(): Promise<Runtime> {
  const loaded = (await import('onnxruntime-node')) as Runtime & { default?: Runtime };
  return loaded.default ?? loaded;
}

/** One loaded model. Throws what onnxruntime says, with the file's name, when it cannot read it. */
export class OnnxDetector {
  private constructor(
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
    readonly runtimeName: string,
  ) {}

  static async open(file: string | Uint8Array): Promise<OnnxDetector> {
    const runtime = await loadRuntime();
    const options: InferenceSession.SessionOptions = { logSeverityLevel: 3 };
    const session = await (typeof file === 'string'
      ? runtime.InferenceSession.create(file, options)
      : runtime.InferenceSession.create(file, options));
    return new OnnxDetector(runtime, session, `onnxruntime ${runtime.env.versions.node ?? ''}`.trim());
  }

  /** @param images float32 [N, 3, height, width], RGB 0..255. */
  async run(images: Float32Array, count: number, height: number, width: number): Promise<DetectorOutput> {
    const image = new this.runtime.Tensor('float32', images, [count, 3, height, width]);
    const { boxes, scores } = await this.session.run({ image });
    return { boxes: boxes.data as Float32Array, scores: scores.data as Float32Array };
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
