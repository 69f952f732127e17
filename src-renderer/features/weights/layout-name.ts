import { LAYOUTS } from '@core/weights/layouts';

/** A layout as a person knows it; runs keep its id. */
export const layoutName = (id: string): string => LAYOUTS.find((layout) => layout.id === id)?.name ?? id;
