import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { NetworkChoice } from '@core/network/description';
import { analyseCoverage } from '@core/priors/coverage';
import { fitScales } from '@core/priors/fit';
import type { FitObjects } from '@core/priors/fit-objects';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { DATA_DIR, describeWith } from '../../support/shared';

const annotations = join(DATA_DIR, 'bccd/Annotations');
const network: NetworkChoice = { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } };
const maps = [40, 20, 10, 5].map((width, k) => ({ width, height: [30, 15, 8, 4][k] }));

/** All blood cells of the 640x480 pictures. A regular expression is enough for these files, and independent of the importer. */
function readCells(): Required<FitObjects> & { readonly classId: number[] } {
  const cells = { imageId: [], classId: [], x1: [], y1: [], x2: [], y2: [] } as Record<keyof FitObjects, number[]>;
  const pattern = /<name>(\w+)<\/name>[^]*?<xmin>(\d+)[^]*?<ymin>(\d+)[^]*?<xmax>(\d+)[^]*?<ymax>(\d+)/g;
  readdirSync(annotations).forEach((file, image) => {
    for (const [, name, x1, y1, x2, y2] of readFileSync(join(annotations, file), 'utf8').matchAll(pattern)) {
      cells.imageId.push(image);
      cells.classId.push(['RBC', 'WBC', 'Platelets'].indexOf(name));
      cells.x1.push(Number(x1) / 640);
      cells.y1.push(Number(y1) / 480);
      cells.x2.push(Number(x2) / 640);
      cells.y2.push(Number(y2) / 480);
    }
  });
  return cells;
}

describeWith('default boxes fitted to blood cells', [annotations], () => {
  let cells: ReturnType<typeof readCells>;
  beforeAll(() => {
    cells = readCells();
  });

  it('reach more cells than the boxes made for faces, and no fewer of any kind', () => {
    expect(cells.x1).toHaveLength(4888);
    const fitted = fitScales(cells, network, maps);
    expect(fitted.recall).toBeGreaterThan(fitted.presetRecall);
    const reached = [presetDefaultBoxes(network), fitted.configuration].map((configuration) => {
      const { bestIou } = analyseCoverage(cells, generateDefaultBoxes(configuration, network.input, maps), 0.5);
      return [0, 1, 2].map((kind) => cells.classId.filter((id, i) => id === kind && bestIou[i] >= 0.5).length);
    });
    reached[1].forEach((count, kind) => expect(count).toBeGreaterThanOrEqual(reached[0][kind]));
  });
});
