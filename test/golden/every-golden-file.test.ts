import { expect, it } from 'vitest';
import { goldenFileNames, goldenFileOf, readGoldenFile } from '../support/golden-files';
import { describeWith, GOLDEN_DIR } from '../support/shared';

describeWith('the golden files', [GOLDEN_DIR], () => {
  it('are all read by a golden test', () => {
    const files = goldenFileNames();
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => readGoldenFile(file) === null)).toEqual([]);
  });
});

it('a golden file of an unknown network or kind would be noticed', () => {
  expect(goldenFileOf('torchvision-ssd300-forward.json')).not.toBeNull();
  for (const file of ['yolo-forward.json', 'torchvision-ssd300-trajectory.json', 'rfb-vgg-300-loss.json']) {
    expect(goldenFileOf(file), file).toBeNull();
  }
});

it('a golden file of another name is known by its model, with a word in its name by the beginning', () => {
  const mobile = goldenFileOf('mobile-seed7-forward.json', 'RFB_Net_mobile 300 num_classes 7, eval');
  expect(mobile?.reference.architecture).toBe('rfbnet-mobile');
  expect(goldenFileOf('torchvision-ssd300-seed7-loss.json')).toMatchObject({ kind: 'loss' });
});
