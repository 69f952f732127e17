export type ThemeChoice = 'dark' | 'light' | 'system';

const KEY = 'theme';
const choices: readonly ThemeChoice[] = ['dark', 'light', 'system'];
const systemIsLight = matchMedia('(prefers-color-scheme: light)');

/** Dark by default; the choice survives a restart; 'system' follows the system while the window is open. */
class Theme {
  choice = $state<ThemeChoice>(choices.find((c) => c === localStorage.getItem(KEY)) ?? 'dark');
  /** What is on screen: for pictures drawn on a canvas that need concrete colours. */
  shown = $state<'dark' | 'light'>('dark');

  constructor() {
    systemIsLight.addEventListener('change', () => this.apply());
  }

  choose(choice: ThemeChoice) {
    this.choice = choice;
    localStorage.setItem(KEY, choice);
    this.apply();
  }

  apply() {
    this.shown = this.choice === 'system' ? (systemIsLight.matches ? 'light' : 'dark') : this.choice;
    document.documentElement.dataset.theme = this.shown;
  }
}

export const theme = new Theme();
