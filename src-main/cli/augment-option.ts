/** --augment of train and augment. */
import { readFileSync } from 'node:fs';
import type { AugmentConfiguration } from '@core/augment/configuration';
import { parseAugmentation, parseAugmentationFile } from '@core/experiment/augmentation-text';
import { UsageError } from './output';

/** @throws UsageError that names the part or the file */
export function augmentOption(text: string | undefined, suggested: AugmentConfiguration): AugmentConfiguration {
  if (text === undefined) return suggested;
  try {
    return text.endsWith('.json')
      ? parseAugmentationFile(readFileSync(text, 'utf8'), suggested)
      : parseAugmentation(text, suggested);
  } catch (error) {
    throw new UsageError(`--augment ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
