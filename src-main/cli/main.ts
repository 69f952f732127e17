/** ssd-studio: the studio without a window. Exit status 0 done, 1 failed, 2 wrong usage. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAugmentCommand } from './commands/augment';
import { addDemoCommand } from './commands/demo';
import { addDetectCommand } from './commands/detect';
import { addEngineCommands } from './commands/engines';
import { addEvaluateFilesCommand } from './commands/evaluate-files';
import { addExplainCommand } from './commands/explain';
import { addExportCommand } from './commands/export';
import { addFindLrCommand } from './commands/find-lr';
import { addModelsCommand } from './commands/models';
import { addPriorsCommand } from './commands/priors';
import { addPriorsCompareCommand } from './commands/priors-compare';
import { addPriorsFitCommand } from './commands/priors-fit';
import { addNamedBoxesCommands } from './commands/priors-named';
import { addProjectCommands } from './commands/project';
import { addResultCommands } from './commands/results';
import { addRunsCommand } from './commands/runs';
import { addTrainCommand } from './commands/train';
import { addWeightsCommands } from './commands/weights';
import { describeError } from './output';
import { runCommand } from './run-command';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('ssd-studio')
  .description('Detectors from your own pictures: label, train, evaluate, export.')
  .version(version)
  .option('--json', 'print one JSON document on standard output and nothing else')
  // What stands after a command's name is that command's: `priors` and `priors fit` both have --model.
  .enablePositionalOptions()
  .showHelpAfterError('(--help shows the usage)');

addProjectCommands(program, runCommand);
addModelsCommand(program, runCommand);
const priors = addPriorsCommand(program, runCommand);
addPriorsFitCommand(priors, runCommand);
addNamedBoxesCommands(priors, runCommand);
addPriorsCompareCommand(priors, runCommand);
addAugmentCommand(program, runCommand);
addTrainCommand(program, runCommand);
addFindLrCommand(program, runCommand);
addRunsCommand(program, runCommand);
addResultCommands(program, runCommand);
addEngineCommands(program, runCommand);
addExportCommand(program, runCommand);
addEvaluateFilesCommand(program, runCommand);
addDetectCommand(program, runCommand);
addExplainCommand(program, runCommand);
addWeightsCommands(program, runCommand);
addDemoCommand(program, runCommand);

/** Options such as --json are accepted after the command too; wrong usage throws instead of ending the process. */
function settle(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) {
    child.option('--json', 'one JSON document on standard output');
    settle(child);
  }
}
settle(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are not failures; commander has printed what was wrong with everything else.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const { text, status } = describeError(error);
    process.stderr.write(`ssd-studio: ${text}\n`);
    process.exitCode = status;
  }
}
