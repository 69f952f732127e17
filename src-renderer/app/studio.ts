import type { ErrorCode, StudioError } from '@core/contract/channel';
import type { ChannelName, ChannelRequest, ChannelResponse, StudioApi } from '@core/contract/studio';

/** A call that was answered with an error: the message says what and where, `advice` what to do. */
export class StudioCallError extends Error {
  readonly code: ErrorCode;
  readonly advice: string | undefined;
  readonly details: string | undefined;

  constructor(
    readonly channel: ChannelName,
    error: StudioError,
  ) {
    super(error.message);
    this.name = 'StudioCallError';
    this.code = error.code;
    this.advice = error.advice;
    this.details = error.details;
  }
}

type Arguments<N extends ChannelName> = ChannelRequest<N> extends void | undefined ? [] : [request: ChannelRequest<N>];

/** Calls a channel and returns its value; throws StudioCallError when the answer is an error. */
export async function call<N extends ChannelName>(name: N, ...request: Arguments<N>): Promise<ChannelResponse<N>> {
  const invoke = window.studio.call as (name: N, ...request: unknown[]) => ReturnType<StudioApi['call']>;
  const result = await invoke(name, ...request);
  if (!result.ok) throw new StudioCallError(name, result.error);
  return result.value as ChannelResponse<N>;
}

/** Listens to what is pushed; returns the function that stops it. */
export const listen: StudioApi['on'] = (event, listener) => window.studio.on(event, listener);

/** True for an error that only says that the person cancelled. */
export const isCancelled = (error: unknown): boolean => error instanceof StudioCallError && error.code === 'cancelled';
