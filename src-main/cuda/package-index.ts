/**
 * A Python package index by its simple API, as JSON (PEP 691) or as a page (PEP 503). PyPI, or the mirror that pip would use:
 * SSD_STUDIO_PACKAGE_INDEX, PIP_INDEX_URL.
 */
import { StudioFailure } from '@core/contract/failure';
import { getBytes, withRetries } from './http';
import { compareReleases, releaseOf, satisfies, versionOfWheel, type Requirement } from './requirements';

export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  /** In lower case hexadecimal. */
  readonly sha256: string;
}

const PYPI = 'https://pypi.org/simple/';
const LARGEST_LISTING = 64 << 20;
const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

export function indexAddress(environment: NodeJS.ProcessEnv): string {
  const address = environment['SSD_STUDIO_PACKAGE_INDEX'] || environment['PIP_INDEX_URL'] || PYPI;
  try {
    return new URL(address.endsWith('/') ? address : `${address}/`).href;
  } catch {
    throw new StudioFailure('bad-request', `"${address}" is no address of a package index.`, 'Correct PIP_INDEX_URL.');
  }
}

/** The newest wheel for Linux x64 that a requirement allows. Throws StudioFailure when there is none. */
export async function newestWheel(index: string, { name, versions }: Requirement, signal: AbortSignal): Promise<Wheel> {
  const page = new URL(`${name}/`, index);
  const { body, type } = await withRetries(
    () => getBytes(page.href, { headers: { accept: ACCEPT }, signal }, LARGEST_LISTING),
    `The list of ${name}`,
    signal,
  );
  const text = body.toString('utf8');
  const files = type.includes('json') ? jsonFiles(text, page) : pageFiles(text, page);
  let best: { wheel: Wheel; release: readonly number[] } | null = null;
  for (const { fileName, url, sha256, yanked } of files) {
    const version = versionOfWheel(fileName, name);
    const release = version === null ? null : releaseOf(version);
    if (version === null || release === null || yanked || sha256 === null || !satisfies(release, versions)) continue;
    if (best === null || compareReleases(release, best.release) > 0) {
      best = { wheel: { name, version, url, sha256 }, release };
    }
  }
  if (best !== null) return best.wheel;
  const advice = 'If PIP_INDEX_URL names a mirror, it may be incomplete.';
  throw new StudioFailure('not-found', `${page.host} has no ${name} ${versions} for Linux x64.`, advice);
}

interface ListedFile {
  readonly fileName: string;
  readonly url: string;
  readonly sha256: string | null;
  readonly yanked: boolean;
}

function jsonFiles(text: string, page: URL): ListedFile[] {
  try {
    const { files } = JSON.parse(text) as {
      files: { filename: string; url: string; hashes: Record<string, string>; yanked?: unknown }[];
    };
    return files.map(({ filename, url, hashes, yanked }) => ({
      fileName: String(filename),
      url: addressOf(url, page),
      sha256: sha256Of(hashes['sha256']),
      yanked: yanked !== undefined && yanked !== false,
    }));
  } catch (error) {
    throw new StudioFailure('unreadable', `${page.host} answered something that is no list of packages.`, undefined, {
      cause: error,
    });
  }
}

/** <a href="../../packages/x.whl#sha256=..." data-yanked>x.whl</a> */
function pageFiles(text: string, page: URL): ListedFile[] {
  return [...text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].flatMap(([, attributes, fileName]) => {
    const [, href] = /href\s*=\s*["']([^"']+)["']/i.exec(attributes) ?? [];
    if (href === undefined) return [];
    const url = new URL(addressOf(href.replaceAll('&amp;', '&'), page));
    const sha256 = sha256Of(new URLSearchParams(url.hash.slice(1)).get('sha256') ?? undefined);
    url.hash = '';
    return [{ fileName: fileName.trim(), url: url.href, sha256, yanked: /data-yanked/i.test(attributes) }];
  });
}

/** Files of the index's own host need its credentials, too. */
function addressOf(href: string, page: URL): string {
  const url = new URL(href, page);
  if (url.host === page.host) [url.username, url.password] = [page.username, page.password];
  return url.href;
}

const sha256Of = (text: string | undefined): string | null =>
  text !== undefined && /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : null;
