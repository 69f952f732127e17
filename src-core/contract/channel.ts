/**
 * What a channel between the renderer and the rest is: a request schema, checked by the host because a renderer is never
 * trusted, and a response type. Every answer is a Result; errors are values that say what, where and what to do.
 */
import type { z } from 'zod';

export type ErrorCode =
  | 'bad-request'
  | 'not-found'
  | 'no-project'
  | 'already-exists'
  | 'newer-database'
  | 'unreadable'
  | 'not-allowed'
  | 'cancelled'
  | 'busy'
  | 'engine-missing'
  | 'disk-full'
  | 'internal';

export interface StudioError {
  readonly code: ErrorCode;
  /** One sentence: what happened and where. */
  readonly message: string;
  /** What the person can do about it. */
  readonly advice?: string;
  /** For "copy details": a stack, the output of a process. */
  readonly details?: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: StudioError };

declare const responseType: unique symbol;

export interface Channel<Request extends z.ZodType, Response> {
  readonly request: Request;
  readonly [responseType]?: Response;
}

/** channel(schema).returns<Response>() */
export function channel<Request extends z.ZodType>(request: Request) {
  return { returns: <Response>(): Channel<Request, Response> => ({ request }) };
}

export type RequestOf<C> = C extends Channel<infer R, unknown> ? z.input<R> : never;
export type ParsedRequestOf<C> = C extends Channel<infer R, unknown> ? z.output<R> : never;
export type ResponseOf<C> = C extends Channel<z.ZodType, infer R> ? R : never;
