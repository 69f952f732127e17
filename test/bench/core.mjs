// usage: [BASELINE=FOLDER] node test/bench/core.mjs
// Times what the detectors compute on the CPU, prints one JSON document (milliseconds of the processor, median of the repetitions). With BASELINE,
// another src-core, it measures that one in turn with ours in the same run, and says how many times faster ours is.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROUNDS = 3;
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  const ours = await bundle('ours', resolve(import.meta.dirname, '../../src-core'));
  const baseline = process.env.BASELINE ? await bundle('baseline', resolve(process.env.BASELINE)) : null;
  const about = { node: process.version, arch: process.arch };
  const report = baseline === null ? { milliseconds: ours() } : inTurn(ours, baseline);
  console.log(JSON.stringify({ ...about, ...report }, null, 2));
} finally {
  rmSync(folder, { recursive: true });
}

/** The measurement over a core. */
async function bundle(name, core) {
  const outfile = join(folder, `${name}.mjs`);
  const entryPoints = [resolve(import.meta.dirname, 'core.ts')];
  await build({ entryPoints, alias: { '@core': core }, bundle: true, format: 'esm', platform: 'node', outfile });
  return (await import(pathToFileURL(outfile).href)).measure;
}

/** The best of some rounds each, taken in turn, so that a busy machine slows both alike. */
function inTurn(ours, baseline) {
  const rounds = Array.from({ length: ROUNDS }, () => [ours(), baseline()]);
  const best = (side) => (name) => Math.min(...rounds.map((round) => round[side][name]));
  const entries = Object.keys(rounds[0][0]).map((name) => [name, best(0)(name), best(1)(name)]);
  return {
    milliseconds: Object.fromEntries(entries.map(([name, own]) => [name, own])),
    baseline: Object.fromEntries(entries.map(([name, , other]) => [name, other])),
    timesFaster: Object.fromEntries(entries.map(([name, own, other]) => [name, Math.round((10 * other) / own) / 10])),
  };
}
