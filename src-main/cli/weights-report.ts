/** What of a weight file fits where, as people read it on a terminal. */
import type { WeightsReport } from '@core/contract/weights';
import { architecture } from '@core/network/zoo';

const SHOWN = 4;

/** A ready detector: what matched and what it takes around it. */
export function describeWeights(report: WeightsReport): string {
  const { network, layout, conventions, classNames, classNamesKnown, fits } = report;
  const { preprocessing, defaultBoxes, detection, background } = conventions;
  const { name } = architecture(network.architecture);
  const lines = [
    `${report.fileName}: ${report.format}, ${(report.bytes / 1e6).toFixed(2)} MB`,
    `${name}, ${network.input.width} x ${network.input.height}, named as ${layout.name}${report.prefix ? ` behind "${report.prefix}"` : ''}`,
    ...describePlacement(report),
  ];
  if (report.matched.length > 0) {
    lines.push(
      `classes: ${some(classNames, 12)}${classNamesKnown ? '' : ' (the file does not name them: give --classes)'}`,
      `pixels: ${preprocessing.channelOrder.toUpperCase()}, mean ${preprocessing.mean.map(short).join(', ')}, std ${preprocessing.std.map(short).join(', ')}`,
      `default boxes: clip ${defaultBoxes.clip}; background ${background}; NMS at IoU ${detection.iouThreshold}, at most ${detection.perImage} per picture`,
    );
    const others = fits.filter((id) => id !== network.architecture);
    if (others.length > 0) lines.push(`fits as well: ${others.join(', ')} (--model)`);
  }
  return [...lines, ...report.problems].join('\n');
}

/** What comes from the file, what was left and why, what has another shape, what is missing. */
export function describePlacement({ summary, left, wrongShape, missing }: WeightsReport): string[] {
  const lines = [...summary];
  const reasons = new Map<string, string[]>();
  for (const { tensor, reason } of left) reasons.set(reason, [...(reasons.get(reason) ?? []), tensor]);
  for (const [reason, tensors] of reasons) lines.push(`left ${tensors.length} (${reason}): ${some(tensors)}`);
  for (const { tensor, expected, found } of wrongShape.slice(0, 3 * SHOWN)) {
    lines.push(`other shape: ${tensor} [${found.join(', ')}], the network needs [${expected.join(', ')}]`);
  }
  if (wrongShape.length > 3 * SHOWN)
    lines.push(`other shape: ${wrongShape.length - 3 * SHOWN} more (--json lists all)`);
  if (missing.length > 0) lines.push(`missing ${missing.length}: ${some(missing.map(({ parameter }) => parameter))}`);
  return lines;
}

const short = (value: number): string => String(Number(value.toFixed(3)));

function some(names: readonly string[], count = SHOWN): string {
  return names.slice(0, count).join(', ') + (names.length > count ? `, … ${names.length - count} more` : '');
}
