/** The default boxes of a project: those in use for a network, and those kept under names. */
import { z } from 'zod';
import type { DefaultBoxConfiguration } from '../priors/configuration';
import { nameProblem, type NamedBoxes } from '../priors/named-boxes';
import { channel } from './channel';
import { defaultBoxConfiguration, matchingThreshold, networkChoice } from './run-schema';

const id = z.number().int().positive();
const boxesName = z
  .string()
  .trim()
  .max(1000)
  .check(({ value, issues }) => {
    const message = nameProblem(value);
    if (message !== null) issues.push({ code: 'custom', message, input: value });
  });

export const priorsChannels = {
  /** The default boxes in use for a network, or null: then the screen starts from the network's preset. */
  'priors.load': channel(z.object({ network: networkChoice })).returns<DefaultBoxConfiguration | null>(),
  'priors.save': channel(z.object({ network: networkChoice, configuration: defaultBoxConfiguration })).returns<void>(),
  /** IoU from which a default box of the network learns an object; null where nobody chose one for this project. */
  'priors.loadThreshold': channel(z.object({ network: networkChoice })).returns<number | null>(),
  'priors.saveThreshold': channel(z.object({ network: networkChoice, threshold: matchingThreshold })).returns<void>(),
  /** Those kept under names, of all networks, newest first. */
  'priors.named': channel(z.void()).returns<readonly NamedBoxes[]>(),
  /** 'already-exists' for a name that is taken, unless it is to be replaced. */
  'priors.keep': channel(
    z.object({
      name: boxesName,
      network: networkChoice,
      configuration: defaultBoxConfiguration,
      replace: z.boolean().default(false),
    }),
  ).returns<NamedBoxes>(),
  'priors.rename': channel(z.object({ id, name: boxesName })).returns<NamedBoxes>(),
  /** Runs that were trained with them keep their own copy. */
  'priors.remove': channel(z.object({ id })).returns<void>(),
} as const;
