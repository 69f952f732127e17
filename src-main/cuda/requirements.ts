/** What a Python wheel says of itself: its file name (PEP 427), what it requires (PEP 508), and versions in order (PEP 440). */
import { StudioFailure } from '@core/contract/failure';

/** Release numbers only: "12.5.3.2". A pre-release or any other form is null and never chosen. */
export function releaseOf(version: string): readonly number[] | null {
  return /^\d{1,9}(\.\d{1,9}){0,9}$/.test(version) ? version.split('.').map(Number) : null;
}

/** Negative when a comes before b; missing numbers count as 0. */
export function compareReleases(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export interface Requirement {
  readonly name: string;
  /** Comma-separated as in "<13.0,>=12.5.3.2"; empty: any. */
  readonly versions: string;
}

/** Whether a release is within "<13.0,>=12.5". Throws StudioFailure for an operator that is not known. */
export function satisfies(release: readonly number[], versions: string): boolean {
  return versions
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .every((part) => {
      const [, operator, version] = /^(===|==|!=|<=|>=|<|>|~=)\s*([\d.]+?)(?:\.\*)?$/.exec(part) ?? [];
      const bound = version === undefined ? null : releaseOf(version);
      if (bound === null) throw unreadable(`the version "${part}"`);
      const order = compareReleases(release, bound);
      const samePrefix = (numbers: readonly number[]): boolean => numbers.every((n, i) => (release[i] ?? 0) === n);
      switch (operator) {
        case '<':
          return order < 0;
        case '<=':
          return order <= 0;
        case '>':
          return order > 0;
        case '>=':
          return order >= 0;
        case '~=':
          return order >= 0 && samePrefix(bound.slice(0, -1));
        case '!=':
          return part.endsWith('.*') ? !samePrefix(bound) : order !== 0;
        default:
          return part.endsWith('.*') ? samePrefix(bound) : order === 0;
      }
    });
}

/** What our wheels are for; CPython's version only decides between builds of the same library. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  sys_platform: 'linux',
  platform_system: 'Linux',
  platform_machine: 'x86_64',
  os_name: 'posix',
  platform_python_implementation: 'CPython',
  implementation_name: 'cpython',
};

/** The packages that a METADATA file requires for an extra, on Linux x64. */
export function requirementsOf(metadata: string, extra: string): Requirement[] {
  const found: Requirement[] = [];
  const named = new RegExp(`\\bextra\\s*==\\s*["']${extra}["']`);
  for (const line of metadata.split(/\r?\n/)) {
    // The description follows an empty line.
    if (line === '') break;
    const [, text] = /^Requires-Dist:\s*(.+)$/i.exec(line) ?? [];
    if (text === undefined || !named.test(text)) continue;
    const [what, marker = ''] = text.split(';');
    if (!markerHolds(marker, extra)) continue;
    const [, name, versions] = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*\(?([^()]*)\)?\s*$/.exec(what) ?? [];
    if (name === undefined) throw unreadable(`the requirement "${what.trim()}"`);
    found.push({ name: name.toLowerCase().replaceAll(/[._-]+/g, '-'), versions: versions.trim() });
  }
  return found;
}

function markerHolds(marker: string, extra: string): boolean {
  if (/\sor\s/.test(marker)) throw unreadable(`the condition "${marker.trim()}"`);
  return marker.split(/\sand\s/).every((term) => {
    const [, name, operator, value] = /^[\s(]*(\w+)\s*(==|!=)\s*["']([^"']*)["'][\s)]*$/.exec(term) ?? [];
    const actual = name === 'extra' ? extra : ENVIRONMENT[name ?? ''];
    if (actual === undefined) throw unreadable(`the condition "${term.trim()}"`);
    return (operator === '==') === (actual === value);
  });
}

const PLATFORM = /^(manylinux|linux)[a-z0-9_]*_x86_64$/;
const PYTHON = /^(py3|cp311|py2\.py3)$/;

/** The version of a wheel that runs on Linux x64, or null: another platform, another Python, no wheel at all. */
export function versionOfWheel(fileName: string, project: string): string | null {
  const parts = fileName.endsWith('.whl') ? fileName.slice(0, -4).split('-') : [];
  // name-version[-build]-python-abi-platform
  if (parts.length !== 5 && parts.length !== 6) return null;
  if (parts[0].toLowerCase().replaceAll(/[._-]+/g, '-') !== project) return null;
  const [python, , platforms] = parts.slice(-3);
  const fits = PYTHON.test(python) && platforms.split('.').some((platform) => PLATFORM.test(platform));
  return fits ? parts[1] : null;
}

const unreadable = (what: string): StudioFailure =>
  new StudioFailure('unreadable', `TensorFlow's package names ${what}, which is not understood.`);
