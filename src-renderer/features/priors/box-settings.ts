/** All that a person changes on the Boxes screen, and each change of it: settings in, settings out. */
import type { Size } from '@core/geometry/convert';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { USUAL_MATCHING_THRESHOLD } from '@core/priors/match';
import { presetDefaultBoxes } from '@core/priors/presets';
import { inputScale, type ScaleRange, scalesOf } from '@core/priors/scales';
import { inferLink, relink, type SizeLink, type SizeRule, withFree, withLink } from './links';

export interface BoxSettings {
  readonly configuration: DefaultBoxConfiguration;
  /** IoU from which a default box learns an object. */
  readonly matchingThreshold: number;
  readonly link: SizeLink;
}

/** s_min stays this much below s_max. */
const CLOSEST_SCALES = 0.02;

export function startSettings(
  network: NetworkChoice,
  configuration: DefaultBoxConfiguration | null = null,
  matchingThreshold: number | null = null,
): BoxSettings {
  const boxes = configuration ?? presetDefaultBoxes(network);
  return {
    configuration: boxes,
    matchingThreshold: matchingThreshold ?? USUAL_MATCHING_THRESHOLD,
    link: inferLink(boxes, network.input),
  };
}

/** Other boxes: maps whose sizes left their rule are free from then on. */
export function withConfiguration(
  settings: BoxSettings,
  configuration: DefaultBoxConfiguration,
  input: Size,
): BoxSettings {
  return { ...settings, configuration, link: relink(settings.link, configuration, input) };
}

/** One of the two scales moved: the linked maps follow. */
export function withScale(settings: BoxSettings, scale: keyof ScaleRange, value: number, input: Size): BoxSettings {
  const { sMin, sMax } = settings.link.range;
  const exact =
    scale === 'sMin'
      ? { sMin: Math.min(value, sMax - CLOSEST_SCALES), sMax }
      : { sMin, sMax: Math.max(value, sMin + CLOSEST_SCALES) };
  return linked(settings, { ...settings.link, range: ranged(settings.link.rule, exact) }, input);
}

/** Another rule for the maps that are linked. It begins at the sizes that are there. */
export function withRule(settings: BoxSettings, rule: SizeRule, input: Size): BoxSettings {
  const { configuration, link } = settings;
  if (rule === 'spread') return { ...settings, link: { ...link, rule, range: scalesOf(configuration, input) } };
  // In the formulas s_min is the second map's: the first is set aside at half of it.
  const [low, high] = [configuration.sources[1], configuration.sources[configuration.sources.length - 1]];
  const scales = [low.minSizes[0], high.minSizes[0]].map((size) => size / inputScale(input));
  const sMin = Math.min(...scales);
  const range = link.rule === 'spread' ? { sMin, sMax: Math.max(sMin + CLOSEST_SCALES, ...scales) } : link.range;
  return linked(settings, { ...link, rule, range: ranged(rule, range) }, input);
}

/** A map set free, or tied to the rule again and given its sizes. */
export function withMapFree(settings: BoxSettings, source: number, free: boolean, input: Size): BoxSettings {
  const link = withFree(settings.configuration, settings.link, source, free, input);
  return free ? { ...settings, link } : linked(settings, link, input);
}

function linked(settings: BoxSettings, link: SizeLink, input: Size): BoxSettings {
  return { ...settings, link, configuration: withLink(settings.configuration, link, input) };
}

/** Caffe's scripts count in whole percentages. */
function ranged(rule: SizeRule, { sMin, sMax }: ScaleRange): ScaleRange {
  if (rule !== 'caffe') return { sMin, sMax };
  const percent = (scale: number): number => Math.round(100 * scale) / 100;
  return { sMin: Math.max(0.01, percent(sMin)), sMax: Math.max(percent(sMin) + CLOSEST_SCALES, percent(sMax)) };
}
