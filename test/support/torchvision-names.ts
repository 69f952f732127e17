import { layout } from '@core/weights/layouts';

/** Our parameter name in torchvision's model: golden numbers are generated under it, so that they prove the import's table too. */
export const torchvisionName = (name: string): string => layout('torchvision').spellings(name)[0].name;
