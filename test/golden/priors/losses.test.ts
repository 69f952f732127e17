import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crossEntropy, smoothL1 } from '../../support/reference-loss';
import { SPEC_DIR, describeWith, readJson } from '../../support/shared';

const golden = join(SPEC_DIR, 'golden.json');

describeWith('the reference losses against golden.json', [golden], () => {
  it('smooth L1', () => {
    const { x, loss } = readJson<{ smoothL1: { x: number[]; loss: number[] } }>(golden).smoothL1;
    x.forEach((value, i) => expect(smoothL1(value)).toBeCloseTo(loss[i], 12));
  });

  it('cross entropy', () => {
    const expected = readJson<{ crossEntropy: { logits: number[]; label0: number; label2: number } }>(
      golden,
    ).crossEntropy;
    expect(crossEntropy(expected.logits, 0)).toBeCloseTo(expected.label0, 9);
    expect(crossEntropy(expected.logits, 2)).toBeCloseTo(expected.label2, 9);
  });
});
