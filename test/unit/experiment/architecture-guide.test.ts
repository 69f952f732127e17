import { describe, expect, it } from 'vitest';
import { architectureGroups, networkFacts } from '@core/experiment/architecture-guide';
import { ARCHITECTURES, defaultChoice, inputProblem } from '@core/network/zoo';

describe('architectures to choose from', () => {
  it.each([true, false])('are each listed once, the recommended first (GPU: %s)', (gpu) => {
    const groups = architectureGroups(gpu);
    const ids = groups.flatMap(({ architectures }) => architectures.map(({ id }) => id));
    expect([...ids].sort()).toEqual(ARCHITECTURES.map(({ id }) => id).sort());
    expect(ids[0]).toBe(gpu ? 'rfbnet300' : 'rfb320');
    expect(groups.every(({ architectures }) => architectures.length > 0)).toBe(true);
  });

  it('have figures of their own', () => {
    // SPEC.md 1.1 gives SSD300's parameters for 21 classes and its boxes.
    const ssd300 = networkFacts(defaultChoice('ssd300'), 21);
    expect([ssd300.parameters, ssd300.boxes]).toEqual([26_285_486, 8732]);
    expect(networkFacts(defaultChoice('ssd512'), 21).boxes).toBe(24_564);
    expect(networkFacts(defaultChoice('rfbnet512'), 21).boxes).toBe(32_756);
    for (const { id, sources } of ARCHITECTURES) {
      const { receptiveFields } = networkFacts(defaultChoice(id), 2);
      expect(receptiveFields, id).toHaveLength(sources);
      const widths = receptiveFields.map(({ width }) => width);
      expect(widths[sources - 1], id).toBeGreaterThan(widths[0]);
    }
  });

  it('cost less when they are narrower or see less', () => {
    const full = networkFacts(defaultChoice('ssd300'), 2);
    const half = networkFacts({ ...defaultChoice('ssd300'), widthMultiplier: 0.5 }, 2);
    expect(half.parameters).toBeLessThan(0.3 * full.parameters);
    const small = networkFacts({ ...defaultChoice('rfb320'), input: { width: 160, height: 120 } }, 2);
    expect(small.flops).toBeLessThan(0.3 * networkFacts(defaultChoice('rfb320'), 2).flops);
  });
});

describe('a size of the input', () => {
  const at = (id: (typeof ARCHITECTURES)[number]['id'], width: number, height: number) =>
    inputProblem({ ...defaultChoice(id), input: { width, height } });

  it('is refused with the reason when nothing is left of the picture or a side is out of bounds', () => {
    expect(at('ssd300', 200, 200)).toMatch(/SSD300 cannot run at 200 × 200: /);
    expect(at('rfb320', 63, 240)).toMatch(/from 64 to 2048/);
    expect(at('rfb320', 320.5, 240)).toMatch(/whole numbers/);
    expect(at('rfb320', 416, 416)).toBeNull();
  });
});
