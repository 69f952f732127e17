/** The one door for requests of the renderer: who asks, whether the payload is what the channel says, where it goes. */
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import type { ErrorCode, Result } from '@core/contract/channel';
import { channels, type ChannelName, type ChannelParsedRequest } from '@core/contract/studio';
import { APP_URL } from './app-protocol';
import type { PathGrants } from './path-grants';

export type MainHandlers = Partial<{
  [N in ChannelName]: (request: ChannelParsedRequest<N>) => Promise<Result<unknown>>;
}>;

interface IpcHostOptions {
  readonly window: () => WebContents | null;
  readonly grants: PathGrants;
  /** Channels that main answers itself: dialogs and the application. */
  readonly inMain: MainHandlers;
  readonly forward: (channel: ChannelName, payload: unknown) => Promise<Result<unknown>>;
}

/** A handler for ipcMain.handle. It never throws: every answer is a Result. */
export function createIpcHost(options: IpcHostOptions) {
  return async (event: IpcMainInvokeEvent, name: unknown, payload: unknown): Promise<Result<unknown>> => {
    if (!isOurs(event, options.window())) return refusal('not-allowed', 'This page may not use the studio.');
    if (typeof name !== 'string' || !Object.hasOwn(channels, name)) {
      return refusal('bad-request', 'There is no such channel.');
    }
    const channel = name as ChannelName;
    const parsed = channels[channel].request.safeParse(payload);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return refusal('bad-request', `${channel}: ${issue.path.join('.') || 'request'}: ${issue.message}`);
    }
    const foreign = foreignPath(options.grants, channel, parsed.data);
    if (foreign !== null) {
      return refusal('not-allowed', `${foreign} was not chosen by you.`, 'Choose the folder or file in the dialog.');
    }
    try {
      const inMain = options.inMain[channel] as ((request: unknown) => Promise<Result<unknown>>) | undefined;
      const answer = await (inMain ? inMain(parsed.data) : options.forward(channel, parsed.data));
      learnGrants(options.grants, channel, answer);
      return answer;
    } catch (error) {
      return refusal('internal', `${channel}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

function isOurs(event: IpcMainInvokeEvent, window: WebContents | null): boolean {
  const frame = event.senderFrame;
  return (
    window !== null &&
    event.sender === window &&
    frame !== null &&
    frame === window.mainFrame &&
    frame.url.split(/[?#]/)[0] === APP_URL
  );
}

/** The path in a request that was never granted, or null. */
function foreignPath(grants: PathGrants, channel: ChannelName, request: unknown): string | null {
  const folder = (path: string): string | null => (grants.allowsFolder(path) ? null : path);
  const file = (path: string): string | null => (grants.allowsFile(path) ? null : path);
  switch (channel) {
    case 'projects.create':
    case 'projects.createSample':
    case 'projects.open':
    case 'projects.forget':
      return folder((request as ChannelParsedRequest<'projects.open'>).directory);
    case 'import.start':
      return folder((request as ChannelParsedRequest<'import.start'>).from);
    case 'export.run':
      return file((request as ChannelParsedRequest<'export.run'>).path);
    case 'weights.inspect':
    case 'weights.import':
      return file((request as ChannelParsedRequest<'weights.inspect'>).source.path);
    case 'weights.convert': {
      const { source, out } = request as ChannelParsedRequest<'weights.convert'>;
      return file(source.path) ?? file(out);
    }
    case 'training.start': {
      const { weights } = request as ChannelParsedRequest<'training.start'>;
      return weights === undefined ? null : file(weights.path);
    }
    case 'app.showInFolder': {
      const { path } = request as ChannelParsedRequest<'app.showInFolder'>;
      return grants.allowsFile(path) ? null : folder(path);
    }
    default:
      return null;
  }
}

/** What the service names as known or suggested may be asked for next. */
function learnGrants(grants: PathGrants, channel: ChannelName, answer: Result<unknown>): void {
  if (!answer.ok) return;
  if (channel === 'projects.suggestFolder') grants.grantFolder(answer.value as string);
  if (channel === 'projects.recent') {
    for (const project of answer.value as readonly { readonly directory: string }[])
      grants.grantFolder(project.directory);
  }
}

function refusal(code: ErrorCode, message: string, advice?: string): Result<never> {
  return { ok: false, error: { code, message, ...(advice ? { advice } : {}) } };
}
