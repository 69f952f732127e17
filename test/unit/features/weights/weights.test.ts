import { describe, expect, it } from 'vitest';
import { classNameProblem, parseClassLines } from '../../../../src-renderer/features/weights/class-lines';
import { learntAnew, leftByReason, partsOf } from '../../../../src-renderer/features/weights/placement';

describe('class names of a detector that is brought in', () => {
  it('are one per line, without empty lines', () => {
    expect(parseClassLines(' cat \r\n\n dog')).toEqual(['cat', 'dog']);
  });

  it('are as many as the detector knows, and different', () => {
    expect(classNameProblem(['cat', 'dog'], 2)).toBeNull();
    expect(classNameProblem(['cat'], 2)).toBe('The detector knows 2 classes, and 1 name is given: one per line.');
    expect(classNameProblem(['cat', 'Cat'], 2)).toBe('Cat is there twice.');
    expect(classNameProblem(['x'.repeat(101)], 1)).toMatch(/longer than 100/);
  });
});

describe('what of a file found its place', () => {
  const shape = [1];
  it('is told by reason, the most frequent first', () => {
    const left = [
      { tensor: 'priors', shape, reason: 'default boxes' },
      { tensor: 'a', shape, reason: 'statistics counter' },
      { tensor: 'b', shape, reason: 'statistics counter' },
    ];
    expect(leftByReason({ left })).toEqual([
      { reason: 'statistics counter', tensors: ['a', 'b'] },
      { reason: 'default boxes', tensors: ['priors'] },
    ]);
  });

  it('names the parts that are learnt anew once, however many parameters they have', () => {
    const missing = ['conf.0.weight', 'conf.0.bias', 'conf.1.weight', 'conf.1.bias'].map((parameter) => ({
      parameter,
      shape,
    }));
    const wrongShape = [{ parameter: 'loc.0.weight', tensor: 'loc.0.weight', expected: [24], found: [16] }];
    expect(partsOf(learntAnew({ missing, wrongShape }))).toBe('conf.0, conf.1, loc.0');
    expect(partsOf(learntAnew({ missing, wrongShape }), 2)).toBe('conf.0, conf.1 and 1 more');
  });
});
