import type { StudioApi } from '@core/contract/studio';

declare global {
  interface Window {
    /** Put there by the preload; the only way out of this process. */
    readonly studio: StudioApi;
  }
}
