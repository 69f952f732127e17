/** A package index with small wheels on this machine, which can behave badly. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Random } from '@core/random/random';
import { zipFile, type ZipMember } from './zip';

export interface FakeWheel {
  readonly fileName: string;
  readonly bytes: Buffer;
  /** What the index says instead of the truth. */
  readonly sha256?: string;
}

export class WheelServer {
  readonly wheels = new Map<string, FakeWheel[]>();
  /** Each request for a file's bytes: its name and range. */
  readonly asked: { readonly fileName: string; readonly range: string | undefined }[] = [];
  readonly authorisations = new Set<string | undefined>();
  /** Bytes of a whole-file answer after which the connection is cut, one for each of the next answers; then none. */
  cuts: number[] = [];
  /** Answers with a page (PEP 503) instead of JSON. */
  asPage = false;
  /** Files come from another path, by way of a redirect. */
  redirects = false;
  ranges = true;
  /** Called before each piece of a file is sent. */
  beforePiece: (fileName: string) => Promise<void> | void = () => {};

  private readonly server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/simple/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  add(name: string, version: string, members: readonly ZipMember[], says: { sha256?: string } = {}): FakeWheel {
    const fileName = `${name.replaceAll('-', '_')}-${version}-py3-none-manylinux_2_27_x86_64.whl`;
    const wheel = { fileName, bytes: zipFile(members), ...says };
    this.wheels.set(name, [...(this.wheels.get(name) ?? []), wheel]);
    return wheel;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.authorisations.add(request.headers.authorization);
    const [, folder, name] = (request.url ?? '').split('/');
    if (folder === 'simple') this.list(name, response);
    else if (folder === 'packages' && this.redirects) {
      response.writeHead(302, { location: `/elsewhere/${name}` }).end();
    } else await this.file(name, request.headers.range, response);
  }

  private list(name: string, response: ServerResponse): void {
    const wheels = this.wheels.get(name);
    if (wheels === undefined) return void response.writeHead(404).end();
    const files = wheels.map(({ fileName, bytes, sha256 }) => ({
      filename: fileName,
      url: `../../packages/${fileName}`,
      hashes: { sha256: sha256 ?? createHash('sha256').update(bytes).digest('hex') },
    }));
    if (this.asPage) {
      const links = files.map((f) => `<a href="${f.url}#sha256=${f.hashes.sha256}">${f.filename}</a><br/>`);
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<html><body>${links.join('\n')}</body></html>`);
    } else {
      response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(JSON.stringify({ files }));
    }
  }

  private async file(fileName: string, range: string | undefined, response: ServerResponse): Promise<void> {
    this.asked.push({ fileName, range });
    const wheel = [...this.wheels.values()].flat().find((w) => w.fileName === fileName);
    if (wheel === undefined) return void response.writeHead(404).end();
    const { bytes } = wheel;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(this.ranges ? (range ?? '') : '') ?? [];
    const start = from === undefined ? 0 : Number(from);
    const end = to ? Number(to) + 1 : bytes.length;
    if (start >= bytes.length) return void response.writeHead(416).end();
    response.writeHead(from === undefined ? 200 : 206, {
      'content-length': end - start,
      ...(from !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
    });
    // Reads of a table of contents name their end; what has none is a download.
    const cut = to ? undefined : this.cuts.shift();
    const last = cut === undefined ? end : Math.min(end, start + cut);
    for (let at = start; at < last; at += 16_384) {
      await this.beforePiece(fileName);
      if (response.destroyed) return;
      response.write(bytes.subarray(at, Math.min(last, at + 16_384)));
    }
    if (last < end) setTimeout(() => response.destroy(), 20);
    else response.end();
  }
}

/** The wheels of a CUDA build in small: TensorFlow and two of NVIDIA's, of which one archive is deflated. */
export function addCudaWheels(server: WheelServer): void {
  const noise = Buffer.alloc(200_000);
  const random = Random.seeded(1);
  for (let i = 0; i < noise.length; i++) noise[i] = random.bits() & 255;
  const metadata = [
    'Metadata-Version: 2.4',
    'Name: tensorflow',
    'Requires-Dist: numpy>=1.26.0',
    'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3; extra == "and-cuda"',
    'Requires-Dist: nvidia-nccl-cu12<3.0,>=2.27.7; extra == "and-cuda"',
    'Requires-Dist: tensorboard; extra == "more"',
    '',
    'Requires-Dist: in-the-description; extra == "and-cuda"',
  ].join('\n');
  server.add('tensorflow', '2.21.0', [
    { name: 'tensorflow/libtensorflow_cc.so.2', data: noise, deflated: true },
    { name: 'tensorflow/libtensorflow_framework.so.2', data: Buffer.from('framework') },
    { name: 'tensorflow/python/training.py', data: Buffer.from('not for us') },
    { name: 'tensorflow-2.21.0.dist-info/METADATA', data: Buffer.from(metadata), deflated: true },
  ]);
  server.add('nvidia-cudnn-cu12', '9.2.0', [{ name: 'nvidia/cudnn/lib/libcudnn.so.9', data: Buffer.from('too old') }]);
  server.add('nvidia-cudnn-cu12', '9.10.2.21', [
    { name: 'nvidia/cudnn/lib/libcudnn.so.9', data: noise.subarray(0, 150_000) },
    { name: 'nvidia/cudnn/include/cudnn.h', data: Buffer.from('not for us') },
    { name: 'nvidia_cudnn_cu12-9.10.2.21.dist-info/License.txt', data: Buffer.from('licence') },
  ]);
  server.add('nvidia-cudnn-cu12', '10.0.0', [
    { name: 'nvidia/cudnn/lib/libcudnn.so.10', data: Buffer.from('too new') },
  ]);
  server.add('nvidia-nccl-cu12', '2.27.7', [
    { name: 'nvidia/nccl/lib/libnccl.so.2', data: Buffer.from('nccl'), deflated: true },
  ]);
}
