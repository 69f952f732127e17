// usage: node test/bench/report.mjs TRAINING_JSON [MACHINE]
// Writes docs/performance.md from results of training.mjs (--out): ratios only, since times are those of one machine on one day.
// MACHINE: general words for what it ran on.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';

const [source, machine = 'a processor that has not been described'] = process.argv.slice(2);
if (!source) throw new Error('which file of results?');
const results = JSON.parse(readFileSync(source, 'utf8'));
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
all threads together, which a machine busy with other work lengthens less than the clock's.

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

${table(
  ['Step', ...phases, 'slowest layers'],
  results.map((result) => {
    const times = phases.map((phase) => result.millisecondsPerPhase[phase]);
    const whole = times.reduce((sum, time) => sum + time, 0);
    const slowest = Object.entries(result.millisecondsPerLayer ?? {}).slice(0, 3);
    return [
      title(result),
      ...times.map((time) => percent(time, whole)),
      slowest.map(([layer, time]) => `${layer} ${percent(time, whole)}`).join(', '),
    ];
  }),
)}

## Run it

\`\`\`
export SSD_STUDIO_PYTHON=python3   # with torch and torchvision
node test/bench/training.mjs ssd300 --engine tensorflow --batch 8 --torch --out results.json
node test/bench/training.mjs ssd300 --engine tensorflow --batch 8 --math bfloat16 --torch --out results.json
node test/bench/training.mjs rfb320 --engine tensorflow --batch 24 --torch --out results.json
node test/bench/report.mjs results.json "a machine in general words"
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

The core's and COCO's measurements are \`BASELINE=FOLDER node test/bench/core.mjs\` and \`node test/bench/coco-evaluation.mjs\`; their
ratios were not taken in this run.
`;
}
