/** Default boxes kept under a name in a project, several for one network. */
import type { NetworkChoice } from '../network/description';
import type { DefaultBoxConfiguration } from './configuration';

export interface NamedBoxes {
  readonly id: number;
  /** Unique among those of one network, whatever the case of its letters. */
  readonly name: string;
  readonly network: NetworkChoice;
  readonly configuration: DefaultBoxConfiguration;
  /** ISO 8601. */
  readonly savedAt: string;
}

export const LONGEST_NAME = 80;

/** What `preset` and `present` stand for wherever default boxes are chosen by name. */
const TAKEN_WORDS = ['preset', 'present'];

/** Why default boxes cannot be kept under this name, or null. */
export function nameProblem(name: string): string | null {
  const plain = name.trim();
  if (plain === '') return 'A name is needed.';
  if (plain.length > LONGEST_NAME) return `At most ${LONGEST_NAME} characters.`;
  if (TAKEN_WORDS.includes(plain.toLowerCase())) return `“${plain}” already has a meaning; choose another name.`;
  if (/^run:\d*$/i.test(plain)) return `“${plain}” stands for the default boxes of a run; choose another name.`;
  return null;
}

/** The first of "NAME", "NAME 2", "NAME 3"… that none of these is called. */
export function freeName(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((each) => each.toLowerCase()));
  for (let k = 1; ; k++) {
    const end = k === 1 ? '' : ` ${k}`;
    const candidate = name.trim().slice(0, LONGEST_NAME - end.length) + end;
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}

/** Networks of one key take the same default boxes: same architecture, width and input. */
export function networkKey({ architecture, widthMultiplier, input }: NetworkChoice): string {
  return `${architecture} x${widthMultiplier} ${input.width}x${input.height}`;
}

/** Whether two configurations say the same, whatever wrote them down. */
export function sameBoxes(a: DefaultBoxConfiguration, b: DefaultBoxConfiguration): boolean {
  return canonical(a) === canonical(b);
}

function canonical(configuration: DefaultBoxConfiguration): string {
  const { sources, clip, offset, variances, extraBoxLast = false } = configuration;
  return JSON.stringify([
    sources.map(({ minSizes, maxSizes, aspectRatios, step }) => [minSizes, maxSizes, aspectRatios, step]),
    clip,
    offset,
    variances,
    extraBoxLast,
  ]);
}

/** What these default boxes of a network are called; where several names fit, the wanted one. Null: nothing. */
export function nameOfBoxes(
  known: readonly NamedBoxes[],
  network: NetworkChoice,
  configuration: DefaultBoxConfiguration,
  wanted: string | null = null,
): string | null {
  const equal = known.filter(
    (each) => networkKey(each.network) === networkKey(network) && sameBoxes(each.configuration, configuration),
  );
  return (equal.find(({ name }) => name === wanted) ?? equal[0])?.name ?? null;
}
