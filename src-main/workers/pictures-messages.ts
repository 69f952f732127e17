/** What a job whose own process cannot decode pictures and the process that does it for it say to each other. */
import type { LoaderSettings } from '../images/batch';
import type { ImageSource, RgbImage } from '../images/decode';
import type { LoaderAnswer } from '../images/loader';

/** `loader` and `id` are numbers that the asking side gives. */
export type PicturesRequest =
  | {
      readonly kind: 'decode';
      readonly id: number;
      readonly source: ImageSource;
      readonly within?: { readonly width: number; readonly height: number };
    }
  | { readonly kind: 'open'; readonly loader: number; readonly settings: LoaderSettings }
  | { readonly kind: 'batch'; readonly loader: number; readonly step: number }
  | { readonly kind: 'close'; readonly loader: number };

export type PicturesAnswer =
  | { readonly kind: 'decoded'; readonly id: number; readonly image: RgbImage }
  /** With `file` an ImageError, otherwise a fault of ours. */
  | { readonly kind: 'refused'; readonly id: number; readonly file: string | null; readonly reason: string }
  | { readonly kind: 'batch'; readonly loader: number; readonly answer: LoaderAnswer }
  | { readonly kind: 'ended'; readonly loader: number; readonly message: string };
