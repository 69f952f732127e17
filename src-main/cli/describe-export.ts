/** What an export became and what reopening it showed, in lines for a terminal. */
import {
  EXPORT_FORMAT_NAMES,
  type ExportReport,
  type PredictionVerification,
  type TensorVerification,
} from '@core/contract/exports';
import { layout } from '@core/weights/layouts';

export function describeExport(report: ExportReport): string {
  const ports = 'inputs' in report ? [...report.inputs, ...report.outputs] : [];
  return [
    `Wrote ${report.path} (${describeContents(report)})`,
    ...ports.map((port) => `  ${port.name} [${port.shape.join(', ')}]`),
    describeVerification(report),
  ].join('\n');
}

/** "1.16 MB, ONNX opset 17". */
export function describeContents(report: ExportReport): string {
  const size = `${(report.bytes / 1e6).toFixed(2)} MB`;
  const name = EXPORT_FORMAT_NAMES[report.format];
  switch (report.format) {
    case 'onnx':
      return `${size}, ${name} opset ${report.opset}`;
    case 'tfjs':
      return `${size}, ${name} graph model of ${report.files} files`;
    default:
      return `${size}, ${name} with the names of ${layout(report.names).name}`;
  }
}

/** How it was checked, and what was found. */
export function describeVerification({ verification }: ExportReport): string {
  return 'tensors' in verification ? describeTensors(verification) : describePredictions(verification);
}

function describePredictions(v: PredictionVerification): string {
  return (
    `Reopened in ${v.runtime} on ${v.picture}: largest difference ${v.largestBoxDifference.toExponential(1)} of the picture's side ` +
    `for boxes, ${v.largestScoreDifference.toExponential(1)} for scores: ${v.passed ? 'equal' : 'NOT EQUAL'}`
  );
}

function describeTensors({ tensors, different }: TensorVerification): string {
  const found =
    different.length === 0
      ? `all ${tensors} tensors are equal`
      : `${different.length} of ${tensors} tensors are NOT EQUAL (${different.slice(0, 3).join(', ')})`;
  return `Reread by SSD Studio itself and compared bit for bit: ${found}`;
}
