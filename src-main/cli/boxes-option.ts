/** Default boxes as the command line chooses them: the preset, those in use, a run's, by name, or from a file. */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import { defaultBoxConfiguration } from '@core/contract/run-schema';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { networkKey } from '@core/priors/named-boxes';
import { presetDefaultBoxes } from '@core/priors/presets';
import { UsageError } from './output';
import type { StudioSession } from './session';

export const BOXES_HELP = 'preset, present, run:N, a name kept in the project, or a JSON file';

export interface ChosenBoxes {
  readonly label: string;
  /** Theirs, which for a run's may be another than was asked for. */
  readonly network: NetworkChoice;
  readonly configuration: DefaultBoxConfiguration;
  /** What the project calls them, where they were chosen by name. */
  readonly name: string | null;
}

const MOST_BYTES = 1_000_000;

/** Throws StudioFailure 'not-found' or 'unreadable'. */
export async function chosenBoxes(studio: StudioSession, network: NetworkChoice, text: string): Promise<ChosenBoxes> {
  const plain = { network, name: null };
  if (text === 'preset') return { ...plain, label: 'preset', configuration: presetDefaultBoxes(network) };
  if (text === 'present') {
    const saved = await studio.call('priors.load', { network });
    return { ...plain, label: 'present', configuration: saved ?? presetDefaultBoxes(network) };
  }
  const run = /^run:(\d+)$/.exec(text);
  if (run) {
    const { configuration } = await studio.call('runs.get', { runId: Number(run[1]) });
    const { defaultBoxes, boxesName } = configuration;
    return { label: text, network: configuration.network, configuration: defaultBoxes, name: boxesName };
  }
  const named = (await studio.call('priors.named')).find(
    (each) => networkKey(each.network) === networkKey(network) && each.name.toLowerCase() === text.toLowerCase(),
  );
  if (named) return { label: named.name, network, configuration: named.configuration, name: named.name };
  if (existsSync(text)) return { ...plain, label: text, configuration: await boxesOfFile(resolve(text)) };
  throw new StudioFailure(
    'not-found',
    `${text}: this project has no default boxes of that name for ${network.architecture}, and there is no such file.`,
    '`priors list` names those it has.',
  );
}

/** As `chosenBoxes`, for this very network. Throws UsageError for a run's of another one. */
export async function boxesFor(studio: StudioSession, network: NetworkChoice, text: string): Promise<ChosenBoxes> {
  const chosen = await chosenBoxes(studio, network, text);
  if (networkKey(chosen.network) === networkKey(network)) return chosen;
  const { architecture, input } = chosen.network;
  throw new UsageError(`${text}: these default boxes are of ${architecture} at ${input.width}x${input.height}`);
}

/** Where there is no project: the preset, or those of a file. Throws UsageError. */
export async function boxesWithoutProject(network: NetworkChoice, text: string): Promise<DefaultBoxConfiguration> {
  if (text === 'preset') return presetDefaultBoxes(network);
  if (!existsSync(text)) throw new UsageError(`--boxes ${text}: without a project only preset or a JSON file`);
  return boxesOfFile(resolve(text));
}

/** A configuration alone, or what `priors --json` (field `configuration`) or `priors fit --json` (`after`) printed. */
async function boxesOfFile(path: string): Promise<DefaultBoxConfiguration> {
  const wrong = (reason: string): StudioFailure =>
    new StudioFailure('unreadable', `${path} holds no default boxes: ${reason}.`, 'Write one with `priors --json`.');
  const file = await stat(path);
  if (!file.isFile()) throw wrong('it is not a file');
  if (file.size > MOST_BYTES) throw wrong(`it is larger than ${MOST_BYTES} bytes`);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw wrong('it is not JSON');
  }
  const parsed = defaultBoxConfiguration.safeParse(inside(content));
  if (parsed.success) return parsed.data;
  const { path: where, message } = parsed.error.issues[0];
  throw wrong(`${where.join('.') || 'its content'}: ${message}`);
}

function inside(content: unknown): unknown {
  if (typeof content !== 'object' || content === null) return content;
  if ('after' in content) return inside(content.after);
  return 'configuration' in content ? content.configuration : content;
}
