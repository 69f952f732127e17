/** The ways to look at the default boxes, in the order of their tabs. */
export const VIEWS = [
  { value: 'picture', label: 'Picture' },
  { value: 'report', label: 'Report' },
  { value: 'missed', label: 'Missed' },
  { value: 'suggestion', label: 'Suggestion' },
  { value: 'compare', label: 'Compare' },
] as const;

export type BoxesView = (typeof VIEWS)[number]['value'];

/** The view of an address; the picture where it names none. */
export const viewOf = (name: string | undefined): BoxesView =>
  VIEWS.find(({ value }) => value === name)?.value ?? 'picture';
