// The text of docs/fidelity.md from the comparisons that the tests noted (test/support/fidelity.ts).

const TABLES = {
  'Forward passes': 'The same weights and the same input through the reference and through our executor.',
  'Loss and gradients': 'MultiBox loss, its gradients and training steps.',
  'Default boxes': 'Positions and sizes of the default boxes.',
  'Post-processing': 'From network outputs to detections: decoding, suppression, limits.',
  Metrics: 'Average precision and recall of the same detections and objects.',
  'Weight files': 'Published or reference weight files read by our importers.',
  Exports: 'Models that the studio wrote, run by another runtime, against the studio itself.',
};

/**
 * @param {readonly object[]} records comparisons
 * @param {(packageName: string) => string} version of a package that is installed
 */
export function fidelityPage(records, version) {
  const unknown = records.find(({ table }) => !(table in TABLES));
  if (unknown) throw new Error(`no table ${unknown.table} on the page`);
  const lines = ['# What equals its reference', '', ...introduction(records, version)];
  for (const [table, says] of Object.entries(TABLES)) {
    const rows = records.filter((record) => record.table === table);
    if (rows.length > 0) lines.push('', `## ${table}`, '', says, '', ...tableLines(rows));
  }
  return lines.join('\n') + '\n';
}

function introduction(records, version) {
  const details = records.flatMap(({ engine }) => (engine ? [`- engine \`${engine.id}\`: ${engine.detail}`] : []));
  const versions = ['@tensorflow/tfjs-core', 'onnxruntime-node'].map((name) => `${name} ${version(name)}`);
  return [
    'Every line is asserted by a test. `npm run fidelity` runs those tests and writes this page; `npm run test:golden` runs them',
    'without writing. Reference data is read from `SHARED_DIR` (default `../shared`) and is no part of this repository; comparisons',
    'with PyTorch run the one that is installed into the cache folder the first time.',
    '',
    'Largest differences are rounded up to one significant digit; "rel." marks differences relative to the reference.',
    '',
    `${records.length} comparisons made with:`,
    '',
    ...[...new Set(details)].sort(),
    `- Node ${process.versions.node.split('.')[0]}, ${versions.join(', ')}`,
  ];
}

const COLUMNS = [
  'Subject',
  'Reference',
  'Compared',
  'Engine',
  'Reference value',
  'Ours',
  'Largest difference',
  'Tolerance',
];

/** A Markdown table, its columns as wide as their widest cell, as the formatter wants it. */
function tableLines(rows) {
  const cells = rows.map(row).sort((a, b) => byText(a.join('\n'), b.join('\n')));
  const all = [COLUMNS, ...cells];
  const widths = COLUMNS.map((_, column) => Math.max(3, ...all.map((line) => line[column].length)));
  const text = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [text(COLUMNS), rule, ...cells.map(text)];
}

function row({ subject, source, what, engine, reference, ours, largestDifference, tolerance, relative }) {
  const unit = relative ? ' rel.' : '';
  return [
    subject,
    source,
    what,
    engine?.id ?? '',
    value(reference),
    value(ours),
    roundedUp(largestDifference) + (largestDifference > 0 ? unit : ''),
    small(tolerance) + unit,
  ].map((cell) => cell.replaceAll('|', '\\|'));
}

const byText = (a, b) => a.localeCompare(b, 'en', { numeric: true });

/** Five digits tell values apart and stand still between runs; whole numbers are exact. */
const value = (given) =>
  typeof given !== 'number' || Number.isInteger(given) ? String(given) : String(Number(given.toPrecision(5)));

/** One significant digit, never less than the number itself. */
function roundedUp(number) {
  if (number === 0) return '0';
  const power = Math.floor(Math.log10(number));
  const digit = Math.ceil(Number((number / 10 ** power).toPrecision(12)));
  return small(Number(`${digit}e${power}`));
}

/** Below a thousandth as 7e-6, which is read faster than zeros are counted. */
const small = (number) => (number > 0 && number < 1e-3 ? number.toExponential() : String(number));
