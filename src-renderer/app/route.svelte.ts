/** Where the person is. Kept in the location's hash, so that a reload comes back to the same picture. */
export type ScreenId =
  'projects' | 'images' | 'annotate' | 'priors' | 'train' | 'evaluate' | 'detect' | 'export' | 'engines' | 'help';

const SCREEN_IDS: readonly ScreenId[] = [
  'projects',
  'images',
  'annotate',
  'priors',
  'train',
  'evaluate',
  'detect',
  'export',
  'engines',
  'help',
];

interface Route {
  readonly screen: ScreenId;
  readonly parameters: Readonly<Record<string, string>>;
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const screen = SCREEN_IDS.find((id) => id === path) ?? 'projects';
  return { screen, parameters: Object.fromEntries(new URLSearchParams(query)) };
}

function write({ screen, parameters }: Route): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${screen}${query ? `?${query}` : ''}`;
}

class Router {
  #route = $state.raw<Route>(parse(location.hash));

  constructor() {
    addEventListener('hashchange', () => (this.#route = parse(location.hash)));
  }

  get screen(): ScreenId {
    return this.#route.screen;
  }
  /** Values after the question mark, e.g. {image: '12'}. */
  get parameters(): Readonly<Record<string, string>> {
    return this.#route.parameters;
  }

  /** Goes to a screen. A number among the parameters is written in decimal. */
  go(screen: ScreenId, parameters: Readonly<Record<string, string | number>> = {}) {
    location.hash = write({
      screen,
      parameters: Object.fromEntries(Object.entries(parameters).map(([k, v]) => [k, String(v)])),
    });
  }

  /** Changes the parameters of this screen without a step in the history. */
  replace(parameters: Readonly<Record<string, string | number>>) {
    const next = {
      screen: this.screen,
      parameters: Object.fromEntries(Object.entries(parameters).map(([k, v]) => [k, String(v)])),
    };
    history.replaceState(null, '', write(next));
    this.#route = next;
  }
}

export const router = new Router();
