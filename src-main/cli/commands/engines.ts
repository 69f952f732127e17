/** engines: what this machine can train on, how fast, and the CUDA libraries for an NVIDIA GPU. */
import type { Command } from 'commander';
import type { CudaPlan, CudaState, EngineSpeed } from '@core/contract/engines';
import { explainChoice } from '@core/experiment/engine-choice';
import type { EngineStatus } from '@core/contract/runs';
import { StudioFailure } from '@core/contract/failure';
import { table, UsageError } from '../output';
import type { RunCommand } from '../run-command';

const OPERATION = 'command-line';

export function addEngineCommands(program: Command, run: RunCommand): void {
  const engines = program
    .command('engines')
    .description('what this machine can train on')
    .option('--measure', 'train a few steps on each engine that is ready, and say how many images per second')
    .action(
      run(async ({ studio, output, interrupted }, _, { measure }) => {
        const found = await studio.call('engines.list');
        const cuda = await studio.call('engines.cuda');
        const speeds: EngineSpeed[] = [];
        interrupted.addEventListener('abort', () => void studio.call('operations.cancel', { operationId: OPERATION }));
        for (const { id, ready } of measure ? found : []) {
          if (ready) speeds.push(await studio.call('engines.measure', { engine: id, operationId: OPERATION }));
        }
        output.result(measure ? { engines: found, speeds, cuda } : found, () => describe(found, speeds, cuda));
      }),
    );
  addInstall(engines, run);
  engines
    .command('remove <library>')
    .description('removes what "engines install" has installed: cuda')
    .action(
      run(async ({ studio, output }, [library]) => {
        requireCuda(library);
        const before = await studio.call('engines.cuda');
        const state = await studio.call('engines.removeCuda');
        output.result(state, `Removed ${gigabytes(before.bytes)} from ${state.folder}.`);
      }),
    );
}

function addInstall(engines: Command, run: RunCommand): void {
  engines
    .command('install <library>')
    .description(
      'cuda: TensorFlow for NVIDIA GPUs with its CUDA libraries, into your data folder; repairs what is there',
    )
    .option('--sizes', 'only say what would be fetched')
    .option('--without-gpu', 'although this system has no NVIDIA driver')
    .action(
      run(async ({ studio, output, interrupted }, [library], { sizes, withoutGpu }) => {
        requireCuda(library);
        interrupted.addEventListener('abort', () => void studio.call('operations.cancel', { operationId: OPERATION }));
        const plan = await studio.call('engines.planCuda', { operationId: OPERATION });
        if (sizes) {
          output.result(plan, () => describePlan(plan));
          return;
        }
        const { driver } = await studio.call('engines.cuda');
        if (!driver && !withoutGpu) {
          throw new StudioFailure(
            'engine-missing',
            `No NVIDIA GPU with its driver was found: ${gigabytes(plan.downloadBytes)} would be fetched for nothing.`,
            'Install the driver first, or add --without-gpu.',
          );
        }
        output.message(describePlan(plan));
        const state = await studio.call('engines.installCuda', { operationId: OPERATION });
        const [cuda] = (await studio.call('engines.list')).filter(({ id }) => id === 'cuda');
        output.result({ ...state, engine: cuda }, () => `${describeCuda(state)}\ncuda: ${cuda?.detail}`);
      }),
    );
}

function requireCuda(library: string): void {
  if (library !== 'cuda') throw new UsageError(`${library}: only cuda can be installed`);
}

function describe(engines: readonly EngineStatus[], speeds: readonly EngineSpeed[], cuda: CudaState): string {
  const lines = engines.map(({ id, ready, chosen, detail, help }) => {
    const speed = speeds.find(({ engine }) => engine === id);
    const measured = speed ? `\n    ${speed.imagesPerSecond.toFixed(1)} images/s training ${speed.network}` : '';
    const todo = help === null ? '' : `\n    ${help}`;
    return `${chosen ? '*' : ' '} ${id.padEnd(11)} ${ready ? 'ready  ' : 'missing'}  ${detail}${measured}${todo}`;
  });
  return [...lines, '', ...explainChoice(engines), describeCuda(cuda)].join('\n');
}

function describeCuda({ state, version, folder, bytes, problem }: CudaState): string {
  switch (state) {
    case 'installed':
      return `CUDA libraries: TensorFlow ${version}, ${gigabytes(bytes)} in ${folder}`;
    case 'damaged':
      return `CUDA libraries: damaged. ${problem} Mend them: ssd-studio engines install cuda`;
    case 'interrupted':
      return `CUDA libraries: ${gigabytes(bytes)} have come before the download broke off. Go on: ssd-studio engines install cuda`;
    case 'absent':
      return 'CUDA libraries: not installed. Sizes: ssd-studio engines install cuda --sizes';
    case 'unsupported':
      return `CUDA libraries: not for this system. ${problem}`;
  }
}

function describePlan(plan: CudaPlan): string {
  const rows = plan.packages.map(({ name, version, downloadBytes, diskBytes }) => [
    name,
    version,
    downloadBytes === 0 ? 'there' : megabytes(downloadBytes),
    megabytes(diskBytes),
  ]);
  return [
    table(['package', 'version', 'download MB', 'on disk MB'], rows),
    `To fetch from ${plan.source}: ${gigabytes(plan.downloadBytes)}. On disk then: ${gigabytes(plan.diskBytes)} in ${plan.folder}.`,
    `Needed meanwhile: ${gigabytes(plan.neededBytes)}; free: ${gigabytes(plan.freeBytes)}.`,
  ].join('\n');
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
