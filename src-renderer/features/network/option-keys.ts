/** Which option of a list a key leads to. */

/** The index after a key on the option at `from`, or null when the key means nothing to a list. Letters find the next name that begins so. */
export function optionAfter(key: string, from: number, names: readonly string[]): number | null {
  const last = names.length - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, from + 1);
    case 'ArrowUp':
      return Math.max(0, from - 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
  }
  if (!/^[\p{L}\p{N}]$/u.test(key)) return null;
  for (let step = 1; step <= names.length; step++) {
    const index = (from + step) % names.length;
    if (names[index].toLowerCase().startsWith(key.toLowerCase())) return index;
  }
  return null;
}
