/** The settings that a Train button starts from: the network's recipe over what the project's training pictures hold. */
import { suggestConfiguration, type DatasetFacts } from '@core/experiment/suggest';
import type { RunConfiguration, RunStart } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import type { ProjectStore } from './ports';

export function suggestForProject(store: ProjectStore, network: NetworkChoice, start?: RunStart): RunConfiguration {
  const suggested = suggestConfiguration(network, datasetFacts(store), store.loadDefaultBoxes(network), start);
  const matchingThreshold = store.loadMatchingThreshold(network) ?? suggested.matchingThreshold;
  return { ...suggested, matchingThreshold };
}

function datasetFacts(store: ProjectStore): DatasetFacts {
  const { x1, y1, x2, y2, classId, imageId } = store.objectColumns();
  const trainImages = new Set(store.imageIds({ split: 'train' }));
  const inTrain = imageId.flatMap((id, index) => (trainImages.has(id) ? [index] : []));
  const pick = (column: readonly number[]): number[] => inTrain.map((index) => column[index]);
  return {
    classes: store.info().classes.length,
    trainImages: trainImages.size,
    objects: {
      imageId: pick(imageId),
      classId: pick(classId),
      x1: pick(x1),
      y1: pick(y1),
      x2: pick(x2),
      y2: pick(y2),
    },
  };
}
