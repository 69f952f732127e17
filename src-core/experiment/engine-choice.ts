/** Why 'auto' computes on what it does, in words. */
import type { EngineStatus } from '../contract/runs';

/** One sentence for the engine that 'auto' takes, one for each better one that it cannot take. */
export function explainChoice(engines: readonly EngineStatus[]): string[] {
  const position = engines.findIndex(({ chosen }) => chosen);
  if (position < 0) return ['No engine is ready to train on.'];
  const better = engines.slice(0, position).map(({ name, detail }) => `${name} would be faster, but ${detail}.`);
  const rank = position === 0 ? 'the fastest there is' : 'the fastest that is ready';
  return [`Best available takes ${engines[position].name}, ${rank}.`, ...better];
}
