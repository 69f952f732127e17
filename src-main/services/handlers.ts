/**
 * The use cases as a map of channels. Each group of services returns the handlers of its channels; a composition root joins
 * the groups and answers requests with `answer`, under Electron from IPC, on the command line by a direct call.
 */
import type { Result } from '@core/contract/channel';
import { StudioFailure, toStudioError } from '@core/contract/failure';
import { channels } from '@core/contract/studio';
import type { ChannelName, ChannelParsedRequest, ChannelResponse } from '@core/contract/studio';
import type { OperationContext, Operations } from './operations';

export type Handler<N extends ChannelName> = (
  request: ChannelParsedRequest<N>,
  context: OperationContext,
) => Promise<ChannelResponse<N>>;

export type Handlers = { readonly [N in ChannelName]: Handler<N> };

/** Handlers of some channels: `satisfies HandlersOf<'images.list' | 'images.get'>`. */
export type HandlersOf<N extends ChannelName> = Pick<Handlers, N>;

/**
 * Validates the request, runs the handler with a context whose progress and cancellation are those of the request's
 * operationId (if it has one), and turns whatever happens into a Result. Never throws.
 */
export async function answer<N extends ChannelName>(
  handlers: Partial<Handlers>,
  operations: Operations,
  name: N,
  request: unknown,
): Promise<Result<ChannelResponse<N>>> {
  try {
    const handler = handlers[name] as Handler<N> | undefined;
    if (handler === undefined || !Object.hasOwn(channels, name)) {
      throw new StudioFailure('bad-request', `There is no channel named ${JSON.stringify(name)} here.`);
    }
    const parsed = channels[name].request.safeParse(request);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new StudioFailure('bad-request', `${name}: ${issue.path.join('.') || 'request'}: ${issue.message}`);
    }
    const operationId = operationIdOf(parsed.data);
    // operations.cancel carries the id of the operation it ends, not one of its own.
    const context = operations.begin(name === 'operations.cancel' ? null : operationId);
    try {
      return { ok: true, value: await handler(parsed.data as ChannelParsedRequest<N>, context) };
    } finally {
      context.end();
    }
  } catch (error) {
    return { ok: false, error: toStudioError(error) };
  }
}

function operationIdOf(request: unknown): string | null {
  if (typeof request !== 'object' || request === null) return null;
  const id = (request as { operationId?: unknown }).operationId;
  return typeof id === 'string' ? id : null;
}
