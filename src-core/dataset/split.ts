/** Splitting pictures when nobody has: the same names give the same split on every machine. */

/** FNV-1a over UTF-16 code units, then MurmurHash3's final mixing: neighbouring names come out far apart. 32 bits. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The names that go to val: those of the lowest hashes, `share` of all, at least one of two or more. */
export function splitByHash(names: readonly string[], share: number): ReadonlySet<string> {
  const unique = [...new Set(names)];
  const count = unique.length < 2 ? 0 : Math.max(1, Math.round(share * unique.length));
  const ordered = unique
    .map((name) => ({ name, hash: hashText(name) }))
    .sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1));
  return new Set(ordered.slice(0, count).map(({ name }) => name));
}
