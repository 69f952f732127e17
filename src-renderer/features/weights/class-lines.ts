/** Class names as a person edits them: one per line, in the order of the detector's class predictors. */

export function parseClassLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** What is wrong with the names of a detector that knows `count` classes, in a sentence, or null. */
export function classNameProblem(names: readonly string[], count: number): string | null {
  if (names.length !== count) {
    const needed = `The detector knows ${count} ${count === 1 ? 'class' : 'classes'}`;
    return `${needed}, and ${names.length} ${names.length === 1 ? 'name is' : 'names are'} given: one per line.`;
  }
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.toLowerCase())) return `${name} is there twice.`;
    seen.add(name.toLowerCase());
    if (name.length > 100) return `${name.slice(0, 20)}… is longer than 100 characters.`;
  }
  return null;
}
