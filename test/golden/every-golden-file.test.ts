import { expect, it } from 'vitest';
import { goldenFileNames, goldenFileOf } from '../support/golden-files';
import { describeWith, GOLDEN_DIR } from '../support/shared';

describeWith('the golden files', [GOLDEN_DIR], () => {
  it('are all read by a golden test', () => {
    const files = goldenFileNames();
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => goldenFileOf(file) === null)).toEqual([]);
  });
});

it('a golden file of an unknown network or kind would be noticed', () => {
  expect(goldenFileOf('torchvision-ssd300-forward.json')).not.toBeNull();
  for (const file of ['yolo-forward.json', 'torchvision-ssd300-trajectory.json', 'rfb-vgg-300-loss.json']) {
    expect(goldenFileOf(file), file).toBeNull();
  }
});
