/**
 * The service process seen from main: requests by number, events out, a restart when it ends unexpectedly. Whatever was
 * in flight then answers with an 'internal' error; main itself never waits.
 */
import { join } from 'node:path';
import { utilityProcess, type UtilityProcess } from 'electron';
import type { Result, StudioError } from '@core/contract/channel';
import type { ChannelName } from '@core/contract/studio';
import { computeEnvironment } from '../cuda/installed';
import type { ComputeMessage } from '../services/ports';
import type { FromService, ImageRequest, ServiceArguments, ToService } from '../workers/service-messages';
import { collectOutput, ComputeHost } from './compute-host';

/** More unexpected ends than this within a minute: it is not started again by itself. */
const RESTARTS_PER_MINUTE = 4;

type EventMessage = Extract<FromService, { kind: 'event' }>;
type Answer = (result: Result<unknown>) => void;

export class ServiceLink {
  private child: UtilityProcess | null = null;
  private nextId = 1;
  private readonly waiting = new Map<number, Answer>();
  private readonly ends: number[] = [];
  private lastOutput = '';
  private closing = false;
  /** Resolves when a new service process has the project open again. */
  private restarting: Promise<void> | null = null;
  /** The open project, to open it again after a restart. */
  private directory: string | null = null;
  private readonly compute: ComputeHost;

  constructor(
    private readonly argument: ServiceArguments,
    private readonly onEvent: (event: EventMessage) => void,
  ) {
    const listener = {
      started: (job: number, pid: number) => this.post({ kind: 'compute.started', job, pid }),
      message: (job: number, message: ComputeMessage) => this.post({ kind: 'compute.message', job, message }),
      exit: (job: number, code: number | null, output: string) =>
        this.post({ kind: 'compute.exit', job, code, output }),
    };
    this.compute = new ComputeHost(listener, computeEnvironment(argument.userData));
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  get projectDirectory(): string | null {
    return this.directory;
  }

  start(): void {
    const child = utilityProcess.fork(join(import.meta.dirname, 'service.mjs'), [JSON.stringify(this.argument)], {
      serviceName: 'SSD Studio service',
      stdio: 'pipe',
    });
    this.child = child;
    const output = collectOutput(child);
    child.on('message', (message: FromService) => this.receive(message));
    child.once('exit', (code) => {
      this.lastOutput = output();
      this.child = null;
      this.ended(code);
    });
  }

  request(channel: ChannelName, payload: unknown): Promise<Result<unknown>> {
    return this.ask((id) => ({ kind: 'request', id, channel, payload }));
  }

  image(image: ImageRequest): Promise<Result<unknown>> {
    return this.ask((id) => ({ kind: 'image', id, image }));
  }

  /** Pauses what trains and closes the project; after `milliseconds` at the latest everything is ended. */
  async close(milliseconds: number): Promise<void> {
    this.closing = true;
    const late = new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref());
    await Promise.race([this.ask((id) => ({ kind: 'close', id })), late]);
    void this.compute.killAll();
    this.child?.kill();
  }

  private async ask(message: (id: number) => ToService): Promise<Result<unknown>> {
    await this.restarting;
    return this.askNow(message);
  }

  private askNow(message: (id: number) => ToService): Promise<Result<unknown>> {
    if (!this.child) return Promise.resolve({ ok: false, error: this.gone() });
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.post(message(id));
    });
  }

  private post(message: ToService): void {
    this.child?.postMessage(message);
  }

  private receive(message: FromService): void {
    switch (message.kind) {
      case 'answer':
        this.waiting.get(message.id)?.(message.result);
        this.waiting.delete(message.id);
        return;
      case 'event':
        if (message.name === 'project.changed') this.directory = message.payload?.directory ?? null;
        this.onEvent(message);
        return;
      case 'compute.launch':
        return this.compute.launch(message.job, message.work);
      case 'compute.order':
        return this.compute.order(message.job, message.order);
      case 'compute.kill':
        return this.compute.kill(message.job);
    }
  }

  private ended(code: number): void {
    const error = this.gone(code);
    for (const answer of this.waiting.values()) answer({ ok: false, error });
    this.waiting.clear();
    // A new service knows nothing of these jobs; a training goes on from its last checkpoint.
    const jobsGone = this.compute.killAll();
    if (this.closing) return;
    const now = Date.now();
    this.ends.push(now);
    if (this.ends.filter((end) => now - end < 60_000).length > RESTARTS_PER_MINUTE) return;
    const restarted = jobsGone
      .then(() => this.restart())
      .finally(() => {
        if (this.restarting === restarted) this.restarting = null;
      });
    this.restarting = restarted;
  }

  private async restart(): Promise<void> {
    this.start();
    const { directory } = this;
    if (directory === null) return;
    const opened = await this.askNow((id) => ({
      kind: 'request',
      id,
      channel: 'projects.open',
      payload: { directory },
    }));
    if (opened.ok) return;
    this.directory = null;
    this.onEvent({ kind: 'event', name: 'project.changed', payload: null });
  }

  private gone(code?: number): StudioError {
    return {
      code: 'internal',
      message:
        code === undefined
          ? 'The service process, which reads and writes the project, is not running.'
          : `The service process, which reads and writes the project, ended unexpectedly (code ${code}).`,
      advice:
        code === undefined
          ? 'Close the application and start it again. Everything confirmed as saved is in the project.'
          : 'It has been started again; try once more. Everything confirmed as saved is in the project.',
      ...(this.lastOutput ? { details: this.lastOutput } : {}),
    };
  }
}
