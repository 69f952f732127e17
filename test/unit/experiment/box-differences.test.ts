import { describe, expect, it } from 'vitest';
import { compareBoxSettings } from '@core/experiment/box-differences';
import type { RunSummary } from '@core/experiment/run';
import { bestRunWith } from '@core/experiment/trained-with';
import { defaultChoice } from '@core/network/zoo';
import { COCO300, presetDefaultBoxes, VOC300, VOC512 } from '@core/priors/presets';
import { SMALL_RUN } from '../../support/training-run';

const input = { width: 300, height: 300 };
const voc = { configuration: VOC300, input };

describe('default boxes side by side', () => {
  it('differ in nothing from themselves', () => {
    const settings = compareBoxSettings([voc, voc, voc]);
    expect(settings.length).toBeGreaterThan(30);
    expect(settings.every(({ differs, values }) => !differs && values.length === 3)).toBe(true);
  });

  it('say where they differ, map by map, and where a map is missing', () => {
    const differing = (other: Parameters<typeof compareBoxSettings>[0][number]) =>
      compareBoxSettings([voc, other]).filter(({ differs }) => differs);
    const clipped = differing({ configuration: { ...VOC300, clip: 'size' }, input });
    expect(clipped).toEqual([{ map: null, setting: 'Clipping', values: ['none', 'size only'], differs: true }]);
    const coco = differing({ configuration: COCO300, input });
    expect(coco.find(({ map }) => map === 0)).toMatchObject({ setting: 'min size, px', values: ['30', '21'] });
    expect(coco.some(({ setting }) => setting === 'aspect ratios')).toBe(false);
    const larger = differing({ configuration: VOC512, input: { width: 512, height: 512 } });
    expect(larger.find(({ map }) => map === 6)).toMatchObject({ setting: 'min size, px', values: ['–', '461'] });
  });

  it('are written with as many digits as it takes to see the difference', () => {
    const close = { ...VOC300, sources: VOC300.sources.map((s, k) => (k === 0 ? { ...s, minSizes: [30.0041] } : s)) };
    const [smallest] = compareBoxSettings([voc, { configuration: close, input }]).filter(
      ({ map, differs }) => map === 0 && differs,
    );
    expect(smallest.values).toEqual(['30', '30.0041']);
  });
});

describe('the best run with certain default boxes', () => {
  const network = defaultChoice('ssd300');
  const run = (id: number, meanAveragePrecision: number | null, change = {}): RunSummary =>
    ({
      id,
      meanAveragePrecision,
      configuration: { ...SMALL_RUN, network, defaultBoxes: VOC300, ...change },
    }) as RunSummary;

  it('is of the same network and boxes, and has an average precision', () => {
    const runs = [
      run(1, 0.4),
      run(2, 0.6),
      run(3, null),
      run(4, 0.9, { defaultBoxes: COCO300 }),
      run(5, 0.9, { network: { ...network, widthMultiplier: 0.5 } }),
    ];
    expect(bestRunWith(runs, network, VOC300)?.id).toBe(2);
    expect(bestRunWith(runs, defaultChoice('rfb320'), presetDefaultBoxes(defaultChoice('rfb320')))).toBeNull();
  });
});
