// usage: [PYTHON=python3] [IMAGES=5000] node test/bench/coco-evaluation.mjs
// Times the COCO evaluation of synthetic results and prints one JSON document (seconds). With a Python that has pycocotools it
// evaluates the same files in the same run, and says how many times faster we are and how far the twelve numbers differ.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const outfile = join(folder, 'coco-evaluation.mjs');
try {
  await build({
    entryPoints: [resolve(here, 'coco-evaluation.ts')],
    alias: { '@core': resolve(here, '../../src-core') },
    nodePaths: [resolve(here, '../../node_modules')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
  });
  const { synthesise, measure } = await import(pathToFileURL(outfile).href);
  const size = { images: Number(process.env.IMAGES ?? 5000), detectionsPerImage: 100, categories: 80 };
  const truth = join(folder, 'instances.json');
  const detections = join(folder, 'results.json');
  const data = synthesise(size);
  writeFileSync(truth, data.truth);
  writeFileSync(detections, data.detections);
  const ours = measure(truth, detections);
  const official = process.env.PYTHON ? measureOfficial(process.env.PYTHON, truth, detections) : null;
  const report = { ...size, objects: data.objects, node: process.version, ours };
  console.log(JSON.stringify(official === null ? report : { ...report, ...compare(ours, official) }, null, 2));
} finally {
  rmSync(folder, { recursive: true });
}

function measureOfficial(python, truth, detections) {
  const script = resolve(here, 'coco-evaluation.py');
  return JSON.parse(execFileSync(python, [script, truth, detections], { encoding: 'utf8' }));
}

function compare(ours, official) {
  const ratio = (theirs, own) => Math.round((10 * theirs) / own) / 10;
  return {
    pycocotools: official,
    timesFaster: {
      evaluation: ratio(official.evaluation, ours.evaluation),
      evaluationProcessor: ratio(official.evaluationProcessor, ours.evaluationProcessor),
      withReading: ratio(official.reading + official.evaluation, ours.reading + ours.evaluation),
    },
    largestDifference: Math.max(...official.stats.map((value, i) => Math.abs(value - ours.stats[i]))),
  };
}
