/** The default boxes of a project: those in use for each network, and those kept under names. */
import { StudioFailure } from '@core/contract/failure';
import type { RunConfiguration } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import { architecture } from '@core/network/zoo';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { nameOfBoxes } from '@core/priors/named-boxes';
import { presetDefaultBoxes } from '@core/priors/presets';
import type { HandlersOf } from './handlers';
import type { ProjectStore } from './ports';
import type { ProjectSession } from './session';

type PriorsChannels =
  | 'priors.load'
  | 'priors.save'
  | 'priors.loadThreshold'
  | 'priors.saveThreshold'
  | 'priors.named'
  | 'priors.keep'
  | 'priors.rename'
  | 'priors.remove';

export function createDefaultBoxHandlers(session: ProjectSession): HandlersOf<PriorsChannels> {
  return {
    'priors.load': async ({ network }) => session.require().loadDefaultBoxes(network),
    'priors.save': async ({ network, configuration }) => {
      requireFit(network, configuration);
      session.require().saveDefaultBoxes(network, configuration);
    },
    'priors.loadThreshold': async ({ network }) => session.require().loadMatchingThreshold(network),
    'priors.saveThreshold': async ({ network, threshold }) =>
      session.require().saveMatchingThreshold(network, threshold),
    'priors.named': async () => session.require().namedBoxes(),
    'priors.keep': async (boxes) => {
      requireFit(boxes.network, boxes.configuration);
      return session.require().keepBoxes(boxes);
    },
    'priors.rename': async ({ id, name }) => session.require().renameBoxes(id, name),
    'priors.remove': async ({ id }) => session.require().removeBoxes(id),
  };
}

/** The configuration with the name that the project knows its default boxes by; a name that it was given is checked, not believed. */
export function withBoxesName(store: ProjectStore, configuration: RunConfiguration): RunConfiguration {
  const { network, defaultBoxes, boxesName } = configuration;
  return { ...configuration, boxesName: nameOfBoxes(store.namedBoxes(), network, defaultBoxes, boxesName) };
}

function requireFit(network: NetworkChoice, { sources }: DefaultBoxConfiguration): void {
  const maps = presetDefaultBoxes(network).sources.length;
  if (sources.length === maps) return;
  throw new StudioFailure(
    'bad-request',
    `These default boxes are for ${sources.length} maps, and ${architecture(network.architecture).name} has ${maps}.`,
    'Choose default boxes that were made for this detector.',
  );
}
