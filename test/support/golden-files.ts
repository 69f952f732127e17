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
import { GOLDEN_DIR } from './shared';
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

/** What a file is, from its name, or null for a file that no test reads. */
export function goldenFileOf(file: string): { readonly kind: GoldenKind; readonly reference: GoldenReference } | null {
  const match = new RegExp(`^(.+)-(${KINDS.join('|')})\\.json$`).exec(file);
  const reference = match ? REFERENCES[match[1]] : undefined;
  if (!match || !reference) return null;
  const kind = match[2] as GoldenKind;
  return kind === 'forward' || reference.defaultBoxes ? { kind, reference } : null;
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
    const known = goldenFileOf(file);
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
