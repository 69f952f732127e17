/** Which class of a detector a class of the project is. */
import { StudioFailure } from '@core/contract/failure';
import type { RunSummary } from '@core/experiment/run';
import type { ProjectStore } from './ports';

/**
 * Class id to the detector's class index from 0; a class that the detector does not know is absent. A run that was trained
 * here has the project's first classes in their order, whatever they are called today: classes only ever join at the end.
 * A detector that was brought in is known by its names, upper and lower case alike.
 * @throws StudioFailure when a detector that was brought in shares no class with the project
 */
export function detectorClasses(
  store: ProjectStore,
  { name, state, classNames }: Pick<RunSummary, 'name' | 'state' | 'classNames'>,
): ReadonlyMap<number, number> {
  const { classes } = store.info();
  if (state !== 'imported') {
    return new Map(classes.filter(({ order }) => order < classNames.length).map(({ id, order }) => [id, order]));
  }
  const positions = new Map(classNames.map((className, position) => [className.toLowerCase(), position]));
  const known = classes.flatMap(({ id, name: own }): [number, number][] => {
    const position = positions.get(own.toLowerCase());
    return position === undefined ? [] : [[id, position]];
  });
  if (known.length > 0) return new Map(known);
  const list = (names: readonly string[]): string => names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
  throw new StudioFailure(
    'bad-request',
    `${name} finds none of the project's classes: it knows ${list(classNames)}; the project has ${list(classes.map((own) => own.name))}.`,
    'Import it again with class names that are those of the project where they mean the same.',
  );
}
