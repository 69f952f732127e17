/** models: the detectors to choose from, those recommended for this machine first, with figures computed from the networks. */
import type { Command } from 'commander';
import { architectureGroups, networkFacts } from '@core/experiment/architecture-guide';
import { defaultChoice } from '@core/network/zoo';
import { table } from '../output';
import type { RunCommand } from '../run-command';

/** Background and one class. */
const CLASSES = 2;

export function addModelsCommand(program: Command, run: RunCommand): void {
  program
    .command('models')
    .description('the detectors to choose from, with boxes, parameters, work per picture and what their cells see')
    .action(
      run(async ({ studio, output }) => {
        const engines = await studio.call('engines.list');
        const gpu = engines.some(({ id, chosen }) => chosen && (id === 'cuda' || id === 'webgpu'));
        const models = architectureGroups(gpu).flatMap(({ name: group, architectures }) =>
          architectures.map(({ id, name, description, input, scalable }) => {
            const facts = networkFacts(defaultChoice(id), CLASSES);
            return { id, name, group, description, input, scalable, ...facts };
          }),
        );
        output.result(models, () => {
          const rows = models.map(({ id, group, input, boxes, parameters, flops, receptiveFields }) => [
            id,
            group,
            `${input.width}x${input.height}`,
            boxes,
            (parameters / 1e6).toFixed(2),
            (flops / 1e9).toFixed(2),
            [receptiveFields[0], receptiveFields[receptiveFields.length - 1]].map(({ width }) => width).join('-'),
          ]);
          return table(['model', 'group', 'input', 'boxes', 'M parameters', 'GFLOP', 'cells see px'], rows);
        });
      }),
    );
}
