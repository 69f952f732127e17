/** The filter of the pictures as parameters of the address, so that it survives a reload and goes along to the Label screen. */
import { type ImageFilter, SPLITS } from '@core/dataset/model';

export type Parameters = Readonly<Record<string, string>>;

export function filterFromParameters(parameters: Parameters): ImageFilter {
  const split = [...SPLITS, 'none' as const].find((s) => s === parameters.split);
  const classId = Number(parameters.class);
  return {
    ...(parameters.class && Number.isInteger(classId) ? { classId } : {}),
    ...(split ? { split } : {}),
    ...(parameters.labelled ? { labelled: parameters.labelled === 'yes' } : {}),
    ...(parameters.problem ? { problem: parameters.problem === 'yes' } : {}),
    ...(parameters.text ? { text: parameters.text.slice(0, 200) } : {}),
  };
}

export function parametersFromFilter(filter: ImageFilter): Parameters {
  return {
    ...(filter.classId !== undefined ? { class: String(filter.classId) } : {}),
    ...(filter.split ? { split: filter.split } : {}),
    ...(filter.labelled !== undefined ? { labelled: filter.labelled ? 'yes' : 'no' } : {}),
    ...(filter.problem !== undefined ? { problem: filter.problem ? 'yes' : 'no' } : {}),
    ...(filter.text ? { text: filter.text } : {}),
  };
}

/** A chip sets its part of the filter, and takes it away when it is set already. */
export function toggleFilter<K extends keyof ImageFilter>(
  filter: ImageFilter,
  key: K,
  value: ImageFilter[K],
): ImageFilter {
  const { [key]: current, ...others } = filter;
  return current === value || value === undefined ? others : { ...others, [key]: value };
}
