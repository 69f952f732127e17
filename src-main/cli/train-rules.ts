/** Options of `train` that say by which rules a run learns and predicts; bounds are the configuration's own. */
import type { Command } from 'commander';
import type { RunConfiguration } from '@core/experiment/run';
import { changeSchedule, SCHEDULE_KINDS } from '@core/experiment/schedule';
import { FROZEN_PARTS, type FrozenPart } from '@core/network/frozen';
import { realNumber, wholeNumber } from './commands/project';
import { UsageError } from './output';

export interface RuleOptions {
  readonly averageWeights?: number;
  readonly patience?: number;
  readonly freeze?: string;
  readonly biasLr?: number;
  readonly decayBiases?: boolean;
  readonly weightDecay?: number;
  readonly momentum?: number;
  readonly matchIou?: number;
  readonly score?: number;
  readonly nms?: number;
  readonly schedule?: string;
  readonly warmup?: number;
  readonly milestones?: readonly number[];
}

export function ruleOptions(command: Command): Command {
  return command
    .option('--momentum <f>', 'how much of the last step is kept', realNumber('--momentum'))
    .option('--weight-decay <f>', 'pulls kernels towards zero', realNumber('--weight-decay'))
    .option('--bias-lr <n>', "learning rate of biases as a multiple: 1, or Caffe's 2", wholeNumber('--bias-lr'))
    .option('--decay-biases', 'weight decay on biases, batch norms and L2 scales too')
    .option('--freeze <part>', `what of the base does not learn: ${FROZEN_PARTS.join(' | ')}`)
    .option(
      '--average-weights <f>',
      'decay of an average of the weights, e.g. 0.999; 0: none',
      realNumber('--average-weights'),
    )
    .option('--patience <n>', 'end after so many validations without a better mean AP', wholeNumber('--patience'))
    .option('--match-iou <f>', 'overlap from which a default box learns an object', realNumber('--match-iou'))
    .option('--score <f>', 'lowest score of a detection', realNumber('--score'))
    .option('--schedule <s>', `how the learning rate falls: ${SCHEDULE_KINDS.join(' | ')}`)
    .option('--warmup <n>', 'steps in which the learning rate rises to its value', wholeNumber('--warmup'))
    .option(
      '--milestones <f,f>',
      'parts of the run after which multistep divides by ten, e.g. 0.6,0.8',
      (text: string) => text.split(',').map(realNumber('--milestones')),
    )
    .option('--nms <f>', 'overlap from which the weaker of two detections goes', realNumber('--nms'));
}

/** The suggested settings with what the options change. Throws UsageError. */
export function applyRules(suggested: RunConfiguration, options: RuleOptions): RunConfiguration {
  const frozen = (options.freeze ?? suggested.frozen) as FrozenPart;
  if (!FROZEN_PARTS.includes(frozen)) throw new UsageError(`--freeze ${frozen}: known are ${FROZEN_PARTS.join(', ')}`);
  const biasLearningRate = options.biasLr ?? suggested.biasLearningRate;
  if (biasLearningRate !== 1 && biasLearningRate !== 2) throw new UsageError('--bias-lr must be 1 or 2');
  const { detection } = suggested;
  return {
    ...suggested,
    frozen,
    biasLearningRate,
    schedule: scheduleOf(suggested.schedule, options),
    momentum: options.momentum ?? suggested.momentum,
    weightDecay: options.weightDecay ?? suggested.weightDecay,
    decayBiases: options.decayBiases ?? suggested.decayBiases,
    averageWeights: options.averageWeights ?? suggested.averageWeights,
    earlyStopping: options.patience === undefined ? suggested.earlyStopping : { patience: options.patience },
    matchingThreshold: options.matchIou ?? suggested.matchingThreshold,
    detection: {
      ...detection,
      scoreThreshold: options.score ?? detection.scoreThreshold,
      iouThreshold: options.nms ?? detection.iouThreshold,
    },
  };
}

function scheduleOf(
  suggested: RunConfiguration['schedule'],
  { schedule, warmup, milestones }: RuleOptions,
): RunConfiguration['schedule'] {
  const kind = SCHEDULE_KINDS.find((known) => known === (schedule ?? (milestones ? 'multistep' : suggested.kind)));
  if (kind === undefined) throw new UsageError(`--schedule ${schedule}: known are ${SCHEDULE_KINDS.join(', ')}`);
  const changed = changeSchedule(suggested, kind, warmup);
  if (!milestones) return changed;
  if (changed.kind !== 'multistep') throw new UsageError('--milestones belong to --schedule multistep');
  return { ...changed, milestones: [...milestones] };
}
