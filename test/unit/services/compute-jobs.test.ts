import { afterEach, describe, expect, it, vi } from 'vitest';
import { runComputeJob } from '../../../src-main/services/compute-jobs';
import { ScriptedLauncher } from '../../support/scripted-launcher';

const engines = { kind: 'engines' } as const;
const start = (launcher = new ScriptedLauncher(), abort = new AbortController()) => {
  const result = runComputeJob(launcher, engines, abort.signal);
  result.catch(() => undefined);
  return { launcher, abort, result };
};
afterEach(() => vi.useRealTimers());

describe('a compute job', () => {
  it('answers its result, and the end of its process afterwards changes nothing', async () => {
    const { launcher, result } = start();
    launcher.last.say({ kind: 'done', result: { kind: 'engines', engines: [] } });
    launcher.last.exit(0);
    expect(await result).toEqual({ kind: 'engines', engines: [] });
  });

  it('fails with its own words', async () => {
    const { launcher, result } = start();
    launcher.last.say({ kind: 'failed', message: 'The checkpoint is damaged.', advice: 'Train again.' });
    await expect(result).rejects.toMatchObject({ message: 'The checkpoint is damaged.', advice: 'Train again.' });
  });

  it('that dies without a word fails and hands over what it printed', async () => {
    const { launcher, result } = start();
    launcher.last.exit(134, 'Aborted (core dumped)');
    await expect(result).rejects.toMatchObject({ code: 'internal', cause: { stack: 'Aborted (core dumped)' } });
  });

  it('is ordered to cancel, and is killed when it does not', async () => {
    vi.useFakeTimers();
    const { launcher, abort, result } = start();
    abort.abort();
    expect(launcher.last.orders).toEqual(['cancel']);
    expect(launcher.last.killed).toBe(false);
    vi.advanceTimersByTime(3_000);
    expect(launcher.last.killed).toBe(true);
    await expect(result).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is not even launched when it was cancelled before', async () => {
    const abort = new AbortController();
    abort.abort();
    const { launcher, result } = start(new ScriptedLauncher(), abort);
    await expect(result).rejects.toMatchObject({ code: 'cancelled' });
    expect(launcher.processes).toEqual([]);
  });
});
