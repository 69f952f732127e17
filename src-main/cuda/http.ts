/** GET over HTTP(S) with what a long download behind a company's mirror needs: ranges, redirects, certificates, credentials. */
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { rootCertificates } from 'node:tls';
import { StudioFailure } from '@core/contract/failure';

/** Something that may go better the next time: a lost connection, a server that is overloaded. */
export class ConnectionFault extends Error {}

/** The network did not come back while it was tried again. What has come so far is worth keeping. */
export class ConnectionLost extends StudioFailure {
  constructor(what: string, cause: ConnectionFault) {
    const advice = 'Check the network and try again: what has come so far is kept, and it goes on from there.';
    super('unreadable', `${what} could not be fetched: ${cause.message}.`, advice, { cause });
  }
}

const MOST_REDIRECTS = 8;
/** Without a byte for so long a connection counts as lost. */
const SILENCE_MILLISECONDS = 30_000;

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * The answer with its body unread; redirects are followed, never from https to http. Credentials in the address are sent to its
 * own host only. Throws ConnectionFault, or StudioFailure for what will not go away.
 */
export async function get(address: string, { headers = {}, signal }: GetOptions): Promise<IncomingMessage> {
  let url = new URL(address);
  const { username, password, host } = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const authorised: Record<string, string> =
      username && url.host === host
        ? { authorization: `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}` }
        : {};
    const answer = await getOnce(url, { 'accept-encoding': 'identity', ...headers, ...authorised }, signal);
    const status = answer.statusCode ?? 0;
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return checked(answer, url);
    answer.resume();
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && next.protocol !== url.protocol) {
      throw new StudioFailure('unreadable', `${url.host} leads from https to ${next.protocol}//${next.host}.`);
    }
    url = next;
  }
  throw new StudioFailure('unreadable', `${url.host} leads in circles.`);
}

function checked(answer: IncomingMessage, url: URL): IncomingMessage {
  const status = answer.statusCode ?? 0;
  if (status === 200 || status === 206 || status === 416) return answer;
  answer.destroy();
  if (status >= 500 || status === 408 || status === 429) throw new ConnectionFault(`${url.host} answered ${status}`);
  const advice =
    status === 401 || status === 403 || status === 407
      ? 'Check the credentials in PIP_INDEX_URL.'
      : 'Check the address of the package index (PIP_INDEX_URL).';
  throw new StudioFailure('unreadable', `${url.host} answered ${status} for ${url.pathname}.`, advice);
}

function getOnce(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new StudioFailure('bad-request', `${url.protocol}//${url.host} is no address of a package index.`);
  }
  return new Promise((resolve, reject) => {
    const options = { headers: { 'user-agent': 'ssd-studio', ...headers }, signal, timeout: SILENCE_MILLISECONDS };
    const request =
      url.protocol === 'https:'
        ? https.get(url, { ...options, ...certificates() }, resolve)
        : http.get(url, options, resolve);
    request.on('timeout', () => request.destroy(new Error(`${url.host} has been silent for 30 s`)));
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(new StudioFailure('cancelled', 'Cancelled.'));
      else if (/CERT|SELF_SIGNED|SIGNATURE|LEAF/.test(error.code ?? '')) reject(untrusted(url, error));
      else reject(new ConnectionFault(error.message));
    });
  });
}

const untrusted = (url: URL, error: Error): StudioFailure =>
  new StudioFailure(
    'unreadable',
    `The certificate of ${url.host} is not trusted: ${error.message}.`,
    'Behind a company proxy, set PIP_CERT or SSL_CERT_FILE to the file of its certificates.',
    { cause: error },
  );

/** What pip and Python read, beside the certificates that Node brings. */
function certificates(): { ca?: string[] } {
  const { PIP_CERT, REQUESTS_CA_BUNDLE, SSL_CERT_FILE } = process.env;
  const path = PIP_CERT ?? REQUESTS_CA_BUNDLE ?? SSL_CERT_FILE;
  if (!path) return {};
  try {
    return { ca: [...rootCertificates, readFileSync(path, 'utf8')] };
  } catch {
    return {};
  }
}

/** A whole answer of at most `limit` bytes. */
export async function getBytes(
  address: string,
  options: GetOptions,
  limit: number,
): Promise<{ body: Buffer; type: string }> {
  const answer = await get(address, options);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > limit) throw new StudioFailure('unreadable', `${address} is longer than ${limit} bytes.`);
      parts.push(part);
    }
  } catch (error) {
    throw streamFault(error, options.signal);
  }
  return { body: Buffer.concat(parts), type: answer.headers['content-type'] ?? '' };
}

/** What ended a body: our own refusals as they are, everything else as a lost connection. */
export function streamFault(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return new StudioFailure('cancelled', 'Cancelled.');
  if (error instanceof StudioFailure || (error as NodeJS.ErrnoException).syscall === 'write') return error;
  return new ConnectionFault(error instanceof Error ? error.message : String(error));
}

/** Tries again after lost connections, waiting twice as long each time. `advanced`: whether the last try got any further. */
export async function withRetries<T>(
  work: () => Promise<T>,
  what: string,
  signal: AbortSignal,
  {
    waits = [500, 1000, 2000, 4000, 8000],
    advanced = () => false,
  }: { waits?: readonly number[]; advanced?: () => boolean } = {},
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      if (advanced()) failures = 0;
      if (failures >= waits.length) throw new ConnectionLost(what, error);
      await pause(waits[failures], signal);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new StudioFailure('cancelled', 'Cancelled.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
