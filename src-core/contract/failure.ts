/** How a use case says no: thrown where it happens, turned into a StudioError value by whichever host answers the caller. */
import type { ErrorCode, StudioError } from './channel';

export class StudioFailure extends Error {
  override readonly name = 'StudioFailure';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly advice?: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Any thrown value as the error a person sees. What is not a StudioFailure is a fault of ours: 'internal', with its stack. */
export function toStudioError(error: unknown): StudioError {
  if (error instanceof StudioFailure) {
    const details = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : undefined;
    return {
      code: error.code,
      message: error.message,
      ...(error.advice === undefined ? {} : { advice: error.advice }),
      ...(details === undefined ? {} : { details }),
    };
  }
  if (error instanceof Error) {
    return {
      code: 'internal',
      message: `Something went wrong inside the studio: ${error.message}`,
      details: error.stack ?? error.message,
    };
  }
  return { code: 'internal', message: `Something went wrong inside the studio: ${String(error)}` };
}

/** Throws 'cancelled' once the signal is aborted; call it between the steps of a long operation. */
export function throwIfCancelled(signal: { readonly aborted: boolean }): void {
  if (signal.aborted) throw new StudioFailure('cancelled', 'Cancelled.');
}
