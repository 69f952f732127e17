/** Run configurations as text: `train --config FILE`, and what a run's snapshot holds. */
import { runConfiguration } from '../contract/run-schema';
import type { RunConfiguration } from './run';

/** @throws Error that names the field and what is wrong with it */
export function parseRunConfiguration(text: string): RunConfiguration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`The configuration is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const parsed = runConfiguration.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`The configuration is wrong at ${issue.path.join('.') || 'its top'}: ${issue.message}`);
}
