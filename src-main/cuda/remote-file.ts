/** A file on a server read by byte range: a wheel's table of contents before the wheel. */
import { StudioFailure } from '@core/contract/failure';
import { ConnectionFault, get, getBytes, withRetries } from './http';

/** Neighbouring reads (the end of an archive, its directory) share a request. */
const AT_ONCE = 1 << 20;

export class RemoteFile {
  private window: { readonly start: number; readonly bytes: Uint8Array } | null = null;

  private constructor(
    private readonly url: string,
    readonly size: number,
    private readonly signal: AbortSignal,
  ) {}

  /** Throws StudioFailure when the server gives no ranges. */
  static async open(url: string, signal: AbortSignal): Promise<RemoteFile> {
    const size = await withRetries(() => sizeOf(url, signal), url, signal);
    return new RemoteFile(url, size, signal);
  }

  /** A copy in a buffer of its own. */
  async read(start: number, length: number, what: string): Promise<Uint8Array> {
    if (start < 0 || start + length > this.size)
      throw new StudioFailure('unreadable', `${what} lies outside ${this.url}.`);
    const { window } = this;
    const known = window !== null && start >= window.start && start + length <= window.start + window.bytes.length;
    const held = known ? window : await this.fetch(start, length);
    return held.bytes.slice(start - held.start, start - held.start + length);
  }

  private async fetch(start: number, length: number): Promise<{ start: number; bytes: Uint8Array }> {
    const first = Math.max(0, Math.min(start, this.size - Math.max(length, AT_ONCE)));
    const end = Math.max(start + length, Math.min(this.size, first + AT_ONCE));
    const options = { headers: { range: `bytes=${first}-${end - 1}` }, signal: this.signal };
    const { body } = await withRetries(
      async () => {
        const part = await getBytes(this.url, options, end - first);
        if (part.body.length !== end - first)
          throw new ConnectionFault('the answer has another length than was asked for');
        return part;
      },
      this.url,
      this.signal,
    );
    this.window = { start: first, bytes: new Uint8Array(body) };
    return this.window;
  }
}

async function sizeOf(url: string, signal: AbortSignal): Promise<number> {
  const answer = await get(url, { headers: { range: 'bytes=0-0' }, signal });
  answer.destroy();
  const [, size] = /^bytes 0-0\/(\d+)$/.exec(answer.headers['content-range'] ?? '') ?? [];
  if (answer.statusCode === 206 && size !== undefined) return Number(size);
  const advice = 'Use another package index (PIP_INDEX_URL).';
  throw new StudioFailure('unreadable', `${new URL(url).host} does not give parts of files.`, advice);
}
