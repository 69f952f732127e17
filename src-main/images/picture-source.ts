/** Where a job gets its pictures decoded: in its own process, or in another one where its own cannot. */
import type { LoaderSettings } from './batch';
import { decodeRgb, type ImageSource, type RgbImage } from './decode';
import { BatchLoader, startBatchThread } from './loader';

export interface PictureSource {
  /** As decodeRgb. Throws ImageError. */
  decode(source: ImageSource, within?: { readonly width: number; readonly height: number }): Promise<RgbImage>;
  openLoader(settings: LoaderSettings, firstStep: number): BatchLoader;
}

/** @param loaderScript the bundle of workers/loader.worker.ts */
export function picturesHere(loaderScript: URL): PictureSource {
  return {
    decode: decodeRgb,
    openLoader: (settings, firstStep) => new BatchLoader(firstStep, startBatchThread(settings, loaderScript)),
  };
}
