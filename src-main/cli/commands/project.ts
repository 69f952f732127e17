/** project create, project sample, import, stats, check: what is in a project and how it gets there. */
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { DatasetSummary, ImportReport } from '@core/contract/images';
import { SPLITS, type LabelClass, type Split } from '@core/dataset/model';
import { table, UsageError } from '../output';
import type { RunCommand } from '../run-command';

const OPERATION = 'command-line';

export function addProjectCommands(program: Command, run: RunCommand): void {
  const project = program.command('project').description('create a project');
  project
    .command('create <dir>')
    .description('a new, empty project')
    .option('--name <name>', 'shown in the studio; default: the name of the folder')
    .option('--classes <a,b>', 'class names, separated by commas', list, [])
    .action(
      run(async ({ studio, output }, [dir], { name, classes }) => {
        const info = await studio.call('projects.create', {
          directory: resolve(dir),
          name: name ?? basename(resolve(dir)),
          classes,
        });
        output.result(info, `Created ${info.name} in ${info.directory}${describeClasses(info.classes)}`);
      }),
    );
  project
    .command('sample <dir>')
    .description('a project whose pictures (parts on a belt) are drawn here')
    .option('--images <n>', 'how many', wholeNumber('--images'), 240)
    .action(
      run(async ({ studio, output }, [dir], { images }) => {
        const request = { directory: resolve(dir), images, operationId: OPERATION };
        const info = await studio.call('projects.createSample', request);
        output.result(info, `Drew ${images} pictures in ${info.directory}${describeClasses(info.classes)}`);
      }),
    );

  program
    .command('import <dir>')
    .description('add pictures and boxes to the project in <dir>; what is left out is reported with the reason')
    .requiredOption('--from <path>', 'folder to import')
    .option('--format <format>', 'voc: Pascal VOC (JPEGImages, Annotations, ImageSets)', 'voc')
    .option('--images <path>', 'folder of the pictures when they lie elsewhere')
    .option('--split <split>', "train, val or test for every picture, whatever the folder's lists say")
    .option('--copy', 'copy the pictures into the project', false)
    .action(
      run(async ({ studio, output }, [dir], { from, images, format, split, copy }) => {
        if (format !== 'voc') throw new UsageError(`--format ${format}: only voc is known`);
        if (split !== undefined && !isSplit(split)) throw new UsageError(`--split ${split}: train, val or test`);
        await studio.call('projects.open', { directory: resolve(dir) });
        const report = await studio.call('import.start', {
          format,
          from: resolve(from),
          ...(images === undefined ? {} : { images: resolve(images) }),
          ...(split === undefined ? {} : { split }),
          copy,
          operationId: OPERATION,
        });
        output.result(report, () => describeImport(report));
      }),
    );

  program
    .command('stats <dir>')
    .description('pictures, splits, classes and object sizes')
    .action(
      run(async ({ studio, output }, [dir]) => {
        const { classes } = await studio.call('projects.open', { directory: resolve(dir) });
        const summary = await studio.call('images.summary');
        output.result({ ...summary, classes: named(summary, classes) }, () => describeSummary(summary, classes));
      }),
    );

  program
    .command('check <dir>')
    .description('what is wrong or doubtful in the pictures and labels')
    .action(
      run(async ({ studio, output }, [dir]) => {
        await studio.call('projects.open', { directory: resolve(dir) });
        const findings = await studio.call('images.check');
        output.result(findings, () =>
          findings.length === 0
            ? 'Nothing is wrong.'
            : findings
                .map(({ severity, message, imageIds }) => {
                  const pictures = imageIds.length > 1 ? ` (${imageIds.length} pictures)` : '';
                  return `${severity}: ${message}${pictures}`;
                })
                .join('\n'),
        );
      }),
    );
}

const isSplit = (text: string): text is Split => SPLITS.some((split) => split === text);

const describeClasses = (classes: readonly LabelClass[]): string =>
  classes.length === 0 ? '.' : `; classes: ${classes.map((c) => c.name).join(', ')}.`;

function describeImport(report: ImportReport): string {
  const { imagesAdded, imagesUnchanged, objectsAdded, splits, skipped } = report;
  const lines = [
    `Added ${imagesAdded} pictures and ${objectsAdded} boxes; ${imagesUnchanged} pictures were there already.`,
    `Splits: ${SPLITS.map((split) => `${split} ${splits[split]}`).join(', ')}, none ${splits.none}.`,
  ];
  if (report.classesAdded.length > 0) lines.push(`New classes: ${report.classesAdded.join(', ')}.`);
  if (skipped.length > 0) {
    lines.push(`Left out ${skipped.length}:`);
    for (const skip of skipped) {
      const object =
        skip.object === null ? '' : `, object ${skip.object}${skip.className ? ` (${skip.className})` : ''}`;
      lines.push(`  ${skip.file}${object}: ${skip.reason}`);
    }
  }
  if (report.notes.length > 0) {
    lines.push(`Worth knowing, ${report.notes.length}:`);
    for (const note of report.notes) {
      lines.push(`  ${note.file}${note.object === null ? '' : `, object ${note.object}`}: ${note.reason}`);
    }
  }
  return lines.join('\n');
}

const named = (summary: DatasetSummary, classes: readonly LabelClass[]) =>
  summary.classes.map((row) => ({
    ...row,
    name: classes.find((c) => c.id === row.classId)?.name ?? String(row.classId),
  }));

function describeSummary(summary: DatasetSummary, classes: readonly LabelClass[]): string {
  const scale = summary.objectScale;
  const percent = (v: number): string => `${(100 * v).toFixed(1)} %`;
  return [
    `${summary.images} pictures, ${summary.labelledImages} labelled, ${summary.objects} objects, ${summary.problems} with problems`,
    `splits: ${[...SPLITS, 'none' as const].map((split) => `${split} ${summary.splits[split]}`).join(', ')}`,
    `sizes: ${summary.sizes.map((s) => `${s.width}x${s.height} (${s.images})`).join(', ')}`,
    scale
      ? `object scale (side as a share of the picture's): 5 % ${percent(scale.low)}, median ${percent(scale.median)}, 95 % ${percent(scale.high)}`
      : 'no objects yet',
    '',
    table(
      ['class', 'objects', 'pictures'],
      named(summary, classes).map((row) => [row.name, row.objects, row.images]),
    ),
  ].join('\n');
}

export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** A parser of a positive whole number for commander; wrong text is wrong usage. */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw new UsageError(`${option} ${text}: a whole number is needed`);
    return value;
  };
}

export function realNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`${option} ${text}: a number is needed`);
    return value;
  };
}
