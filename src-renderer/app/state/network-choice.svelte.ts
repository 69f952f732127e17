import type { ArchitectureId, NetworkChoice } from '@core/network/description';
import { ARCHITECTURES, defaultChoice, inputProblem } from '@core/network/zoo';

const KEY = 'network';

function stored(): NetworkChoice {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    const { architecture, widthMultiplier, input } = (value ?? {}) as Record<string, unknown>;
    const known = ARCHITECTURES.find((candidate) => candidate.id === architecture);
    if (!known) return defaultChoice(ARCHITECTURES[0].id);
    const multiplier = WIDTH_MULTIPLIERS.find((each) => each === widthMultiplier) ?? 1;
    const choice = { ...defaultChoice(known.id), widthMultiplier: known.scalable ? multiplier : 1 };
    const { width, height } = (input ?? {}) as Record<string, unknown>;
    const resized = { ...choice, input: { width: Number(width), height: Number(height) } };
    return inputProblem(resized) === null ? resized : choice;
  } catch {
    return defaultChoice(ARCHITECTURES[0].id);
  }
}

/** Offered for architectures whose width can be scaled. */
export const WIDTH_MULTIPLIERS: readonly number[] = [0.25, 0.5, 0.75, 1];

/** The network that Boxes shows and Train trains: chosen on either screen, the same on both, kept over a restart. */
class NetworkChoiceState {
  current = $state.raw<NetworkChoice>(stored());
  readonly architecture = $derived(
    ARCHITECTURES.find((each) => each.id === this.current.architecture) ?? ARCHITECTURES[0],
  );

  chooseArchitecture(id: ArchitectureId) {
    this.#set(defaultChoice(id));
  }

  /** Of a run, say. */
  choose(network: NetworkChoice) {
    this.#set(network);
  }

  chooseWidth(widthMultiplier: number) {
    this.#set({ ...this.current, widthMultiplier });
  }

  /** A size that `inputProblem` has nothing against. */
  chooseInput(input: NetworkChoice['input']) {
    this.#set({ ...this.current, input });
  }

  #set(choice: NetworkChoice) {
    this.current = choice;
    localStorage.setItem(KEY, JSON.stringify(choice));
  }
}

export const networkChoice = new NetworkChoiceState();
