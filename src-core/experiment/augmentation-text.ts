/** Augmentations as text: `train --augment paper,shear=0.1,rotation=off`, or a JSON file with what differs. */
import { AUGMENTATION_IDS, type AugmentationId, type AugmentConfiguration } from '../augment/configuration';
import {
  augmentationOf,
  changeStrength,
  NAMED_STRENGTHS,
  STRENGTHS,
  switchAugmentation,
  type NamedStrength,
} from '../augment/strengths';
import { augmentConfiguration } from '../contract/augment-schema';

/** For --help. */
export const AUGMENT_HELP =
  `${NAMED_STRENGTHS.join(' | ')}, and changes to it, e.g. paper,shear=0.1,zoomOut=off,hueDegrees=10,zoomIn.probability=0.8; or a ` +
  `.json file. Known: ${AUGMENTATION_IDS.join(', ')}, slantedBoxes=corners|ellipse, zoomIn.rule=atLeastOne|all`;

/**
 * NAME=on, off or a number: the strength of what has one (its probability stays, or becomes the usual one), the probability of what
 * has none; NAME.FIELD=VALUE any field; the four of photometric also by their own names.
 * @param suggested what the project would be trained with; where the changes begin unless a strength is named
 * @throws Error that names the part and what is wrong with it
 */
export function parseAugmentation(text: string, suggested: AugmentConfiguration): AugmentConfiguration {
  return text.split(',').reduce((augment, raw) => {
    const part = raw.trim();
    if (isNamedStrength(part)) return augmentationOf(part, suggested);
    const equals = part.indexOf('=');
    if (equals < 1) throw new Error(`"${part}" is neither ${NAMED_STRENGTHS.join(', ')} nor NAME=VALUE`);
    return checked(part, change(augment, part.slice(0, equals), part.slice(equals + 1)));
  }, suggested);
}

/** The contents of a JSON file: for each augmentation the fields that differ from what is suggested. @throws Error */
export function parseAugmentationFile(text: string, suggested: AugmentConfiguration): AugmentConfiguration {
  const value = JSON.parse(text) as unknown;
  if (!isRecord(value)) throw new Error('it holds no object');
  return Object.entries(value).reduce((augment, [id, given]) => {
    const known: unknown = (suggested as unknown as Record<string, unknown>)[id];
    if (known === undefined) throw new Error(`there is no augmentation "${id}"`);
    if (!isRecord(known)) return checked(id, { ...augment, [id]: given });
    if (!isRecord(given)) throw new Error(`"${id}" needs an object`);
    const stranger = Object.keys(given).find((field) => !Object.hasOwn(known, field));
    if (stranger !== undefined) throw new Error(`"${id}" has no field "${stranger}"`);
    return checked(id, { ...augment, [id]: { ...(augment as unknown as Record<string, object>)[id], ...given } });
  }, suggested);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNamedStrength = (part: string): part is NamedStrength => (NAMED_STRENGTHS as readonly string[]).includes(part);
const isId = (name: string): name is AugmentationId => (AUGMENTATION_IDS as readonly string[]).includes(name);

function change(augment: AugmentConfiguration, name: string, value: string): AugmentConfiguration {
  if (name === 'slantedBoxes') return { ...augment, slantedBoxes: value as AugmentConfiguration['slantedBoxes'] };
  const [id, field] = name.split('.');
  if (!isId(id)) {
    const owner = AUGMENTATION_IDS.find((each) => STRENGTHS[each].some((strength) => strength.field === name));
    if (owner === undefined) throw new Error(`there is no augmentation "${name}"`);
    return withNumber(augment, owner, name, value);
  }
  if (field === undefined) return switchOrSet(augment, id, value);
  if (id === 'zoomIn' && field === 'rule')
    return { ...augment, zoomIn: { ...augment.zoomIn, rule: value as AugmentConfiguration['zoomIn']['rule'] } };
  if (!Object.hasOwn(augment[id], field)) throw new Error(`"${id}" has no field "${field}"`);
  return withNumber(augment, id, field, value);
}

function switchOrSet(augment: AugmentConfiguration, id: AugmentationId, value: string): AugmentConfiguration {
  if (value === 'on' || value === 'off') return switchAugmentation(augment, id, value === 'on');
  const strengths = STRENGTHS[id];
  if (strengths.length > 1) {
    throw new Error(`"${id}" takes on or off; its strengths are ${strengths.map(({ field }) => field).join(', ')}`);
  }
  if (strengths.length === 0) return withNumber(augment, id, 'probability', value);
  return withNumber(augment, id, strengths[0].field, value);
}

/** Giving something that is off a strength switches it on. */
function withNumber(
  augment: AugmentConfiguration,
  id: AugmentationId,
  field: string,
  value: string,
): AugmentConfiguration {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new Error(`"${value}" is no number for ${id}.${field}`);
  const isOff = field !== 'probability' && augment[id].probability === 0;
  return changeStrength(isOff ? switchAugmentation(augment, id, true) : augment, id, { [field]: number });
}

function checked(part: string, augment: AugmentConfiguration): AugmentConfiguration {
  const parsed = augmentConfiguration.safeParse(augment);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`"${part}" is not possible: ${issue.path.join('.')}: ${issue.message}`);
}
