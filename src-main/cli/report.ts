/** The demo's report: one HTML file with curves, average precision and pictures, readable without network or window. */
import { readFile, writeFile } from 'node:fs/promises';
import type { ExportReport } from '@core/contract/exports';
import { classLineColour } from '@core/dataset/palette';
import { iou } from '@core/geometry/overlap';
import type { EvaluatedImage, EvaluationReport } from '@core/evaluation/report';
import type { MetricRecord, RunSummary, ValidationRecord } from '@core/experiment/run';
import { escapeMarkup, type DrawnBox } from '../images/draw-boxes';
import { boxesAsSvg } from './boxes-svg';
import { describeContents, describeVerification } from './describe-export';
import type { StudioSession } from './session';

const PICTURES = 9;
const SHOWN_SCORE = 0.4;

interface ReportParts {
  readonly studio: StudioSession;
  readonly summary: RunSummary;
  readonly evaluation: EvaluationReport;
  readonly exported: ExportReport;
  readonly metrics: readonly MetricRecord[];
  readonly validations: readonly ValidationRecord[];
}

export async function writeReport(path: string, parts: ReportParts): Promise<void> {
  const { studio, summary, evaluation, exported, metrics, validations } = parts;
  const pictures = await Promise.all(
    evaluation.images.slice(0, PICTURES).map((image) => figure(studio, image, summary.classNames)),
  );
  const last = metrics.at(-1);
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SSD Studio: ${escapeMarkup(summary.name)}</title>
<style>${STYLE}</style>
<main>
<h1>${escapeMarkup(summary.name)}</h1>
<p>${escapeMarkup(summary.configuration.network.architecture)} · ${summary.step} steps of ${summary.configuration.batchSize} pictures on ${escapeMarkup(summary.engine ?? '')} · ${last ? `${last.imagesPerSecond.toFixed(1)} images/s` : ''}</p>
<section class="row">
<div><h2>Mean average precision</h2><p class="big">${percent(evaluation.meanAveragePrecision)}</p><p>IoU ${evaluation.iouThreshold}, ${evaluation.imageCount} pictures of ${evaluation.split}</p></div>
<table><tr><th>Class</th><th>AP</th><th>Objects</th></tr>${evaluation.classes
    .map(
      (c) =>
        `<tr><td>${escapeMarkup(c.className)}</td><td>${percent(c.averagePrecision)}</td><td>${c.groundTruths}</td></tr>`,
    )
    .join('')}</table>
</section>
<section class="row">
${chart('Loss', [
  { name: 'confidence', color: classLineColour(0), points: metrics.map((m) => [m.step, m.confidenceLoss]) },
  { name: 'localisation', color: classLineColour(1), points: metrics.map((m) => [m.step, m.localisationLoss]) },
])}
${chart('Mean AP on validation pictures', [{ name: 'mean AP', color: classLineColour(2), points: validations.map((r) => [r.step, r.meanAveragePrecision]) }])}
</section>
<h2>Predictions with a score of at least ${SHOWN_SCORE}; dashed: objects that were missed</h2>
<section class="pictures">${pictures.join('')}</section>
<h2>Export</h2>
<p>${escapeMarkup(exported.path)} (${describeContents(exported)}). ${escapeMarkup(describeVerification(exported))}.</p>
</main></html>
`;
  await writeFile(path, html);
}

async function figure(studio: StudioSession, image: EvaluatedImage, classNames: readonly string[]): Promise<string> {
  const { fileName, width, height } = await studio.call('images.get', { id: image.imageId });
  const bytes = await readFile(await studio.picturePath(image.imageId));
  const shown = image.detections.filter((d) => d.score >= SHOWN_SCORE);
  const found = shown.map((d): DrawnBox => {
    const label = `${classNames[d.classIndex]} ${d.score.toFixed(2)}`;
    return { box: d.box, label, color: classLineColour(d.classIndex) };
  });
  const missed = image.groundTruths
    .filter((g) => !g.difficult && !shown.some((d) => d.classIndex === g.classIndex && iou(d.box, g.box) >= 0.5))
    .map((g): DrawnBox => ({ box: g.box, label: '', color: classLineColour(g.classIndex), dashed: true }));
  const source = `data:image/jpeg;base64,${bytes.toString('base64')}`;
  return `<figure><div><img src="${source}" alt="${escapeMarkup(fileName)}">${boxesAsSvg(width, height, [...missed, ...found])}</div><figcaption>${escapeMarkup(fileName)}: ${found.length} found, ${missed.length} missed</figcaption></figure>`;
}

interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [number, number])[];
}

/** A line chart with its extremes labelled; an empty one says so. */
function chart(title: string, series: readonly Series[]): string {
  const all = series.flatMap((s) => s.points);
  if (all.length === 0) return `<div><h2>${title}</h2><p>Nothing was recorded.</p></div>`;
  const maxX = Math.max(...all.map(([x]) => x));
  const maxY = Math.max(...all.map(([, y]) => y));
  const [w, h, left, bottom] = [440, 200, 44, 22];
  const x = (v: number): string => (left + ((w - left - 8) * v) / (maxX || 1)).toFixed(1);
  const y = (v: number): string => (h - bottom - ((h - bottom - 10) * v) / (maxY || 1)).toFixed(1);
  const lines = series.map(
    (s) =>
      `<polyline fill="none" stroke="${s.color}" stroke-width="1.5" points="${s.points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')}"/>`,
  );
  const ticks = [0, 0.5, 1].map(
    (t) =>
      `<line x1="${left}" x2="${w - 8}" y1="${y(t * maxY)}" y2="${y(t * maxY)}" stroke="#3336"/><text x="${left - 6}" y="${y(t * maxY)}" text-anchor="end" dominant-baseline="middle">${(t * maxY).toFixed(2)}</text>` +
      `<text x="${x(t * maxX)}" y="${h - 6}" text-anchor="${t === 1 ? 'end' : 'middle'}">${Math.round(t * maxX)}</text>`,
  );
  const legend = series.map((s) => `<span style="--c:${s.color}">${s.name}</span>`).join(' ');
  return `<div><h2>${title}</h2><svg class="chart" viewBox="0 0 ${w} ${h}" width="${w}" role="img" aria-label="${title} over steps">${ticks.join('')}${lines.join('')}</svg><p class="legend">${legend}</p></div>`;
}

const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);

const STYLE = `
body{margin:0;background:#f6f6f7;color:#18181b;font:14px/1.5 system-ui,sans-serif}
main{max-width:1000px;margin:0 auto;padding:32px 24px}
h1{font-size:24px;margin:0}h2{font-size:14px;margin:24px 0 8px}p{margin:0 0 8px;color:#52525b}
.big{font-size:48px;line-height:1.1;color:#18181b;font-variant-numeric:tabular-nums}
.row{display:flex;gap:48px;flex-wrap:wrap;align-items:flex-start}
table{border-collapse:collapse;margin-top:24px;font-variant-numeric:tabular-nums}td,th{padding:4px 16px 4px 0;text-align:left;border-bottom:1px solid #0001}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:12px}
figure{margin:0}figure div{position:relative}figure img,figure svg{display:block;width:100%;height:auto;border-radius:6px}figure svg{position:absolute;inset:0}
figcaption{font-size:12px;color:#52525b}.chart text{font-size:11px;fill:#52525b}
.legend span::before{content:"";display:inline-block;width:12px;height:3px;background:var(--c);margin-right:6px;vertical-align:middle}.legend span{margin-right:16px}
`;
