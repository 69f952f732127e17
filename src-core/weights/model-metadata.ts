/** What our own model files (safetensors) say beside the weights: everything that a detection needs, as JSON under plain keys. */
import { z } from 'zod';
import { className } from '../contract/projects';
import { defaultBoxConfiguration, detectionRules, networkChoice } from '../contract/run-schema';
import type { NetworkChoice, Preprocessing } from '../network/description';
import { buildNetwork } from '../network/zoo';
import { boxesPerCell, type DefaultBoxConfiguration } from '../priors/configuration';
import type { DetectionRules } from '../priors/detections';

export const MODEL_FORMAT = 'ssd-studio model 1';

/** Where a model's weights come from: a run of a project, or a weight file of someone else's. */
export interface ModelSource {
  /** Of the run, or the name of the file. */
  readonly name: string;
  /** Steps trained here; 0 for a file that was brought in. */
  readonly step: number;
  /** The layout of the file that the weights were brought in from, or null. */
  readonly layout: string | null;
}

export interface ModelInformation {
  readonly network: NetworkChoice;
  readonly defaultBoxes: DefaultBoxConfiguration;
  /** Without background, in the order of the class predictors. */
  readonly classNames: readonly string[];
  readonly detection: DetectionRules;
  readonly source: ModelSource;
}

const schema: z.ZodType<ModelInformation> = z.object({
  network: networkChoice,
  defaultBoxes: defaultBoxConfiguration,
  classNames: z.array(className).min(1).max(1000),
  detection: detectionRules,
  source: z.object({
    name: z.string().max(1000),
    step: z.number().int().min(0),
    layout: z.string().max(100).nullable(),
  }),
});

/** What follows from the network, said for readers that do not know it. */
function preprocessingOf({ network, classNames, defaultBoxes }: ModelInformation): Preprocessing {
  return buildNetwork(network, classNames.length + 1, defaultBoxes.sources.map(boxesPerCell)).preprocessing;
}

/** Metadata of a safetensors file. */
export function modelMetadata(model: ModelInformation): Record<string, string> {
  return {
    format: MODEL_FORMAT,
    network: JSON.stringify(model.network),
    preprocessing: JSON.stringify(preprocessingOf(model)),
    default_boxes: JSON.stringify(model.defaultBoxes),
    classes: JSON.stringify(model.classNames),
    detection: JSON.stringify(model.detection),
    source: JSON.stringify(model.source),
  };
}

/**
 * The way back; null for a file that is no model of ours.
 * @throws Error that names the key and what is wrong with it
 */
export function parseModelMetadata(metadata: Readonly<Record<string, string>>): ModelInformation | null {
  if (!Object.hasOwn(metadata, 'format') || !String(metadata['format']).startsWith('ssd-studio model')) return null;
  if (metadata['format'] !== MODEL_FORMAT) {
    throw new Error(`it is a "${metadata['format']}", this program reads "${MODEL_FORMAT}"`);
  }
  const parsed = schema.safeParse({
    network: json(metadata, 'network'),
    defaultBoxes: json(metadata, 'default_boxes'),
    classNames: json(metadata, 'classes'),
    detection: json(metadata, 'detection'),
    source: json(metadata, 'source'),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`its metadata is wrong at ${issue.path.join('.')}: ${issue.message}`);
}

function json(metadata: Readonly<Record<string, string>>, key: string): unknown {
  const text = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (typeof text !== 'string') throw new Error(`its metadata has no "${key}"`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`its metadata "${key}" is not JSON`);
  }
}
