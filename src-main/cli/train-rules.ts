/** Options of `train` that say by which rules a run learns and predicts; bounds are the configuration's own. */
import type { Command } from 'commander';
import type { RunConfiguration } from '@core/experiment/run';
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
