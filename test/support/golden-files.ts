/**
 * The files of GOLDEN_DIR (shared/golden/README.md): `<reference>-<kind>.json`. Every test of golden files takes its files from
 * here, so that a file with a known structure is used whatever its seed and classes, and one that nothing reads is noticed.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { defaultChoice } from '@core/network/zoo';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { COCO300, presetDefaultBoxes } from '@core/priors/presets';
import { GOLDEN_DIR, readJson } from './shared';
import { torchvisionName } from './torchvision-names';

/** Kinds of files, each read by one suite. */
const KINDS = ['forward', 'loss', 'postprocess', 'anchors'] as const;
export type GoldenKind = (typeof KINDS)[number];

export interface GoldenReference {
  readonly architecture: ArchitectureId;
  /** The program that made the numbers, with its version. */
  readonly source: string;
  /** Our parameter's name in the reference. */
  readonly nameInReference: (name: string) => string;
  /** As the reference makes them; absent where no file of another kind than `forward` is known. */
  readonly defaultBoxes?: DefaultBoxConfiguration;
}

const RFBNET = { source: 'RFBNet 88d5850', nameInReference: (name: string) => name } as const;

/** By the beginning of the file's name. */
const REFERENCES: Readonly<Record<string, GoldenReference>> = {
  'torchvision-ssd300': {
    architecture: 'ssd300',
    source: 'torchvision 0.29',
    nameInReference: torchvisionName,
    defaultBoxes: { ...COCO300, clip: 'size' },
  },
  'torchvision-ssdlite320': {
    architecture: 'ssdlite320',
    source: 'torchvision 0.29',
    nameInReference: (name) => name,
    defaultBoxes: presetDefaultBoxes(defaultChoice('ssdlite320')),
  },
  'rfb-vgg-300': { ...RFBNET, architecture: 'rfbnet300' },
  'rfb-vgg-512': { ...RFBNET, architecture: 'rfbnet512' },
  'rfb-e-vgg-300': { ...RFBNET, architecture: 'rfbnet300-e' },
  'rfb-e-vgg-512': { ...RFBNET, architecture: 'rfbnet512-e' },
  'rfb-mobile-300': { ...RFBNET, architecture: 'rfbnet-mobile' },
};

/** What the `model` of a forward file calls a network of ours, for files of other names. */
const MODELS: readonly (readonly [RegExp, string])[] = [
  [/ssd300_vgg16/, 'torchvision-ssd300'],
  [/ssdlite320/, 'torchvision-ssdlite320'],
  [/RFB_Net_vgg 300/, 'rfb-vgg-300'],
  [/RFB_Net_vgg 512/, 'rfb-vgg-512'],
  [/RFB_Net_E_vgg 300/, 'rfb-e-vgg-300'],
  [/RFB_Net_E_vgg 512/, 'rfb-e-vgg-512'],
  [/RFB_Net_mobile 300/, 'rfb-mobile-300'],
];

export interface GoldenFile {
  readonly kind: GoldenKind;
  readonly reference: GoldenReference;
}

/**
 * What a file is, or null for a file that no test reads: its kind by the end of its name, the reference by the beginning or, for
 * forward files, by the model that it names.
 */
export function goldenFileOf(file: string, model?: string): GoldenFile | null {
  const kind = KINDS.find((each) => file.endsWith(`-${each}.json`));
  if (!kind) return null;
  const named = Object.keys(REFERENCES).find((name) => file.startsWith(`${name}-`));
  const key = named ?? MODELS.find(([pattern]) => model !== undefined && pattern.test(model))?.[1];
  const reference = key === undefined ? undefined : REFERENCES[key];
  if (!reference) return null;
  return kind === 'forward' || reference.defaultBoxes ? { kind, reference } : null;
}

/** As `goldenFileOf`, for a file of GOLDEN_DIR. */
export function readGoldenFile(file: string): GoldenFile | null {
  return goldenFileOf(file, readJson<{ readonly model?: string }>(join(GOLDEN_DIR, file)).model);
}

export function goldenFileNames(): string[] {
  return existsSync(GOLDEN_DIR)
    ? readdirSync(GOLDEN_DIR)
        .filter((file) => file.endsWith('.json'))
        .sort()
    : [];
}

/** A suite for each file of a kind; one skipped suite, which says what is absent, where there is none. */
export function describeGolden(
  kind: GoldenKind,
  title: string,
  body: (path: string, reference: GoldenReference, file: string) => void,
): void {
  const files = goldenFileNames().flatMap((file) => {
    const known = readGoldenFile(file);
    return known?.kind === kind ? [{ file, reference: known.reference }] : [];
  });
  if (files.length === 0) {
    describe.skip(`${title} (absent: ${join(GOLDEN_DIR, `*-${kind}.json`)})`, () =>
      body(join(GOLDEN_DIR, `absent-${kind}.json`), REFERENCES['torchvision-ssd300'], 'absent'));
  }
  for (const { file, reference } of files) {
    describe(`${title}: ${file}`, () => body(join(GOLDEN_DIR, file), reference, file));
  }
}
