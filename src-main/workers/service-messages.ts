/** What Electron's main process and the service process say to each other. */
import type { Result } from '@core/contract/channel';
import type { EventName, StudioEvents } from '@core/contract/events';
import type { ChannelName } from '@core/contract/studio';
import type { ComputeJob, ComputeMessage, ComputeOrder } from '../services/ports';

/** A picture as the custom protocol asks for it; `recent` counts projects and pictures from 0. */
export type ImageRequest =
  | { readonly kind: 'picture'; readonly id: number }
  | { readonly kind: 'thumbnail'; readonly id: number }
  | { readonly kind: 'recent'; readonly project: number; readonly picture: number };

export type ToService =
  /** The payload has passed the channel's schema. */
  | { readonly kind: 'request'; readonly id: number; readonly channel: ChannelName; readonly payload: unknown }
  | { readonly kind: 'image'; readonly id: number; readonly image: ImageRequest }
  | { readonly kind: 'compute.started'; readonly job: number; readonly pid: number }
  | { readonly kind: 'compute.message'; readonly job: number; readonly message: ComputeMessage }
  | { readonly kind: 'compute.exit'; readonly job: number; readonly code: number | null; readonly output: string }
  /** Pause what trains, close the project, say 'closed'. */
  | { readonly kind: 'close'; readonly id: number };

export type FromService =
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<unknown> }
  | { [E in EventName]: { readonly kind: 'event'; readonly name: E; readonly payload: StudioEvents[E] } }[EventName]
  | { readonly kind: 'compute.launch'; readonly job: number; readonly work: ComputeJob }
  | { readonly kind: 'compute.order'; readonly job: number; readonly order: ComputeOrder }
  | { readonly kind: 'compute.kill'; readonly job: number };

/** Given to the service process as its only argument, in JSON. */
export interface ServiceArguments {
  readonly userData: string;
  readonly documents: string;
}
