/** The screens of a project in the order of the rail. A feature is one folder with one screen; it is loaded when first shown. */
import Images from '@lucide/svelte/icons/images';
import type { Component } from 'svelte';
import type { ScreenId } from './route.svelte';

export interface ScreenEntry {
  readonly id: ScreenId;
  /** One word: the name in the rail. */
  readonly title: string;
  /** One line that says what it is for. */
  readonly purpose: string;
  readonly icon: Component<{ size?: number | string; strokeWidth?: number | string }>;
  readonly load: () => Promise<{ readonly default: Component }>;
}

export const SCREENS: readonly ScreenEntry[] = [
  {
    id: 'images',
    title: 'Pictures',
    purpose: 'What is in the data',
    icon: Images,
    load: () => import('../features/images/ImagesScreen.svelte'),
  },
];
