/** The one typed map of channels, and the object that the preload puts on the renderer's window. */
import type { ParsedRequestOf, RequestOf, ResponseOf, Result } from './channel';
import { explainChannels } from './explain';
import { engineChannels } from './engines';
import type { EventName, StudioEvents } from './events';
import { imageChannels } from './images';
import { previewChannels } from './preview';
import { priorsChannels } from './priors';
import { projectChannels } from './projects';
import { runChannels } from './runs';
import { suspectChannels } from './suspects';
import { weightsChannels } from './weights';

export const channels = {
  ...projectChannels,
  ...imageChannels,
  ...priorsChannels,
  ...runChannels,
  ...suspectChannels,
  ...previewChannels,
  ...explainChannels,
  ...weightsChannels,
  ...engineChannels,
} as const;

export type ChannelName = keyof typeof channels;
export type ChannelRequest<N extends ChannelName> = RequestOf<(typeof channels)[N]>;
export type ChannelParsedRequest<N extends ChannelName> = ParsedRequestOf<(typeof channels)[N]>;
export type ChannelResponse<N extends ChannelName> = ResponseOf<(typeof channels)[N]>;

/** window.studio. */
export interface StudioApi {
  call<N extends ChannelName>(
    name: N,
    ...request: ChannelRequest<N> extends void | undefined ? [] : [request: ChannelRequest<N>]
  ): Promise<Result<ChannelResponse<N>>>;
  /** Returns the function that unsubscribes. */
  on<E extends EventName>(event: E, listener: (payload: StudioEvents[E]) => void): () => void;
}

/**
 * Pictures come by id, never by path: studio-image://picture/<imageId> whole, studio-image://thumbnail/<imageId> at most 320 px
 * on the longer side, studio-image://recent/<n>/<k> for the contact sheets of recent projects.
 */
export const IMAGE_SCHEME = 'studio-image';
export const pictureUrl = (imageId: number): string => `${IMAGE_SCHEME}://picture/${imageId}`;
export const thumbnailUrl = (imageId: number): string => `${IMAGE_SCHEME}://thumbnail/${imageId}`;
