/** The screens of a project in the order of the rail. A feature is one folder with one screen; it is loaded when first shown. */
import BookOpen from '@lucide/svelte/icons/book-open';
import Activity from '@lucide/svelte/icons/activity';
import Cpu from '@lucide/svelte/icons/cpu';
import FileOutput from '@lucide/svelte/icons/file-output';
import Gauge from '@lucide/svelte/icons/gauge';
import Grid3x3 from '@lucide/svelte/icons/grid-3x3';
import Images from '@lucide/svelte/icons/images';
import SquareDashedMousePointer from '@lucide/svelte/icons/square-dashed-mouse-pointer';
import ScanSearch from '@lucide/svelte/icons/scan-search';
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
  {
    id: 'annotate',
    title: 'Label',
    purpose: 'Draw and correct boxes',
    icon: SquareDashedMousePointer,
    load: () => import('../features/annotate/AnnotateScreen.svelte'),
  },
  {
    id: 'priors',
    title: 'Boxes',
    purpose: 'Where a detector looks, and what it can find',
    icon: Grid3x3,
    load: () => import('../features/priors/PriorsScreen.svelte'),
  },
  {
    id: 'train',
    title: 'Train',
    purpose: 'Teach a detector your objects',
    icon: Activity,
    load: () => import('../features/train/TrainScreen.svelte'),
  },
  {
    id: 'evaluate',
    title: 'Evaluate',
    purpose: 'How good a detector is, and where it fails',
    icon: Gauge,
    load: () => import('../features/evaluate/EvaluateScreen.svelte'),
  },
  {
    id: 'detect',
    title: 'Detect',
    purpose: 'Try a detector on new pictures',
    icon: ScanSearch,
    load: () => import('../features/detect/DetectScreen.svelte'),
  },
  {
    id: 'export',
    title: 'Export',
    purpose: 'Take a detector to where it is used',
    icon: FileOutput,
    load: () => import('../features/export/ExportScreen.svelte'),
  },
];

/** Of the machine, not of the project: it is reached from the engine at the foot of the rail and from Train. */
export const ENGINES_SCREEN: ScreenEntry = {
  id: 'engines',
  title: 'Engines',
  purpose: 'What this machine can train on',
  icon: Cpu,
  load: () => import('../features/engines/EnginesScreen.svelte'),
};

/** Needs no project: reached from the rail, the Boxes screen, the palette and by its key. */
export const HELP_SCREEN: ScreenEntry = {
  id: 'help',
  title: 'Help',
  purpose: 'How default boxes work',
  icon: BookOpen,
  load: () => import('../features/help/HelpScreen.svelte'),
};
