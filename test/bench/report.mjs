// usage: node test/bench/report.mjs TRAINING_JSON [MACHINE] [--core JSON] [--coco JSON]
// Writes docs/performance.md from results of training.mjs (--out), core.mjs (with BASELINE) and coco-evaluation.mjs (with PYTHON):
// ratios only, since times are those of one machine on one day. MACHINE: general words for what it ran on.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';

const { values: also, positionals } = parseArgs({
  allowPositionals: true,
  options: { core: { type: 'string' }, coco: { type: 'string' } },
});
const [source, machine = 'a processor that has not been described'] = positionals;
if (!source) throw new Error('which file of results?');
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const results = read(source);
const path = resolve(import.meta.dirname, '../../docs/performance.md');
const percent = (part, whole) => `${Math.round((100 * part) / whole)} %`;
const title = ({ architecture, engine, batchSize, math }) =>
  `${architecture}, batch ${batchSize}, ${engine.id}, ${math}`;

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const compared = results.filter(({ torch }) => torch);
const phases = ['forward', 'loss', 'backward', 'update'];

const page = `# Performance

Written by \`node test/bench/report.mjs\` from results of \`test/bench/training.mjs\`. Measured on ${machine}.

## Training, against PyTorch

A full step: ours loads, augments, matches, runs forward, loss, backward and update; PyTorch's runs on pictures that are already
in memory. Both take their steps in turn in the same run, medians are compared. Above 1: ours is faster. Processor time is that of
all threads together, the loader's too, which a machine busy with other work lengthens less than the clock's.

${table(
  ['Step', 'Times PyTorch, by the clock', 'Times PyTorch, processor time', 'Waited for its batch'],
  compared.map((result) => [
    title(result),
    result.timesFasterThanTorch.wall,
    result.timesFasterThanTorch.processor,
    percent(result.millisecondsPerStep.waitForBatch, result.millisecondsPerStep.wall),
  ]),
)}

## Where the time of a step goes

By phase as training runs them; the slowest layers of a step whose operations run one by one, against all of them.

${table(
  ['Step', ...phases, 'slowest layers'],
  results.map((result) => {
    const times = phases.map((phase) => result.millisecondsPerPhase[phase]);
    const whole = times.reduce((sum, time) => sum + time, 0);
    const operations = Object.entries(result.millisecondsPerLayer ?? {});
    const all = operations.reduce((sum, [, time]) => sum + time, 0);
    const slowest = operations.slice(0, 3);
    return [
      title(result),
      ...times.map((time) => percent(time, whole)),
      slowest.map(([layer, time]) => `${layer} ${percent(time, all)}`).join(', '),
    ];
  }),
)}

${core(also.core)}${coco(also.coco)}## Run it

\`\`\`
export SSD_STUDIO_PYTHON=python3   # with torch and torchvision
node test/bench/training.mjs ssd300 --engine tensorflow --batch 8 --torch --out results.json
node test/bench/training.mjs ssd300 --engine tensorflow --batch 8 --math bfloat16 --torch --out results.json
node test/bench/training.mjs rfb320 --engine tensorflow --batch 24 --torch --out results.json
BASELINE=FOLDER node test/bench/core.mjs > core.json                     # FOLDER: another src-core
PYTHON=python3 node test/bench/coco-evaluation.mjs > coco.json           # with pycocotools
node test/bench/report.mjs results.json "a machine in general words" --core core.json --coco coco.json
\`\`\`

${notMeasured()}`;
writeFileSync(path, await format(page, { ...(await resolveConfig(path)), parser: 'markdown' }));

function notMeasured() {
  const gpu = ['cuda', 'webgpu'].filter((id) => !results.some(({ engine }) => engine.id === id));
  if (gpu.length === 0) return '';
  const commands = gpu.map(
    (id) => `node test/bench/training.mjs ssd300 --engine ${id} --batch 32 --torch --device cuda --out results.json`,
  );
  return `## Not measured

No GPU was at hand for ${gpu.join(' and ')}. On a machine with one:

\`\`\`
${commands.join('\n')}
\`\`\`
`;
}

/** What core.mjs measured against another core, or nothing. */
function core(path) {
  if (!path) return '';
  const { timesFaster } = read(path);
  const rows = Object.entries(timesFaster).filter(([, ratio]) => ratio !== 1);
  return `## What the detectors compute

Against the first form of matching, mining and suppression, in turns, by processor time. What did not change is left out.

${table(['Computation', 'Times the first form'], rows)}

`;
}

/** What coco-evaluation.mjs measured, or nothing. */
function coco(path) {
  if (!path) return '';
  const { images, detectionsPerImage, categories, timesFaster, largestDifference } = read(path);
  return `## COCO's evaluation, against pycocotools

${images.toLocaleString('en')} pictures, ${detectionsPerImage} detections each, ${categories} classes, synthetic; the same files in the same run. The twelve numbers differ by
${largestDifference.toExponential(1)} at most.

${table(
  ['', 'Times pycocotools'],
  [
    ['Evaluation, by the clock', timesFaster.evaluation],
    ['Evaluation, processor time', timesFaster.evaluationProcessor],
    ['With reading the files, by the clock', timesFaster.withReading],
  ],
)}

`;
}
