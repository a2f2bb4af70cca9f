/** A whole Flyball as processes of their own, whose spans go to two receivers side by side. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  connectPlatform,
  connectReader,
  type Machine,
  type MachineOptions,
  natsLoginOf,
  repositoryRoot,
  startMachine,
} from '@flyball/cli';
import {
  decodeEvent,
  decodeSamples,
  type RecordedEvent,
  type WorkloadKey,
  workloadName,
} from '@flyball/contracts';
import type { EventLog, EventStream, StoredMessage } from '@flyball/event-log';
import { type RunningSink, startSink } from '@flyball/telemetry/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { markWith } from '../../e2e/harness/marked-processes.ts';

const domain = 'example.com';
const pollMs = 50;
const limitMs = 45_000;
const telling = ['activator', 'windower', 'decider', 'actuator'] as const;
const program = pathToFileURL(join(repositoryRoot, 'samples/autoscale/src/main.js'));
/** The pod listens this late, so that another request can be held with the first. */
const podStartMs = 2_000;
const startLate = `setTimeout(() => import(${JSON.stringify(program.href)}), ${podStartMs})`;

const configuration = {
  'allow-zero-initial-scale': 'true',
  'initial-scale': '0',
  'stable-window': '6s',
  'scale-to-zero-grace-period': '1s',
};

export type Recorded<Name extends RecordedEvent['type']> = Extract<RecordedEvent, { type: Name }>;
export type Batch = Extract<ReturnType<typeof decodeSamples>, { ok: true }>['event'];

/** Resolves with what the condition gives at last; rejects when it never gives anything. */
export const until = async <Value>(
  what: string,
  condition: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> => {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined) return value;
    if (performance.now() > untilMs) throw new Error(`never came: ${what}`);
    await wait(pollMs);
  }
};

/** Our own setting sends protobuf to `own`; OpenTelemetry's variables send JSON to `other`. */
const settingsFor = (own: string, other: string): NonNullable<MachineOptions['settings']> => {
  const told = {
    FLYBALL_TRACES_URL: own,
    OTEL_EXPORTER_OTLP_ENDPOINT: other,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };
  return Object.fromEntries(telling.map((service) => [service, told]));
};

const readAll = async <Value>(
  stream: EventStream,
  filter: string,
  decode: (message: StoredMessage) => Value | undefined,
): Promise<readonly Value[]> => {
  const found: Value[] = [];
  const reading = { filter, afterSeq: 0, signal: AbortSignal.timeout(limitMs) };
  for await (const batch of stream.readToEnd(reading)) {
    for (const message of batch) {
      const value = decode(message);
      if (value !== undefined) found.push(value);
    }
  }
  return found;
};

export class TracedMachine {
  readonly machine: Machine;
  readonly own: RunningSink;
  readonly other: RunningSink;
  readonly #log: EventLog;
  readonly #folder: string;
  #running = true;

  private constructor(
    machine: Machine,
    sinks: readonly [RunningSink, RunningSink],
    log: EventLog,
    folder: string,
  ) {
    this.machine = machine;
    [this.own, this.other] = sinks;
    this.#log = log;
    this.#folder = folder;
  }

  /** Starts everything; what it started is ended when that fails. */
  static async start(): Promise<TracedMachine> {
    const folder = await mkdtemp(join(tmpdir(), 'flyball-traced-'));
    const sinks = [await startSink(), await startSink()] as const;
    const { PATH = '', HOME = '' } = process.env;
    try {
      const machine = await startMachine({
        ...{ data: join(folder, 'data'), gatewayHost: '127.0.0.1', gatewayPort: 0, domain },
        ...{ logLevel: 'info', env: { PATH, HOME, ...markWith(folder) } },
        settings: settingsFor(sinks[0].url, sinks[1].url),
        tell: () => undefined,
      });
      const log = await connectReader(machine);
      return new TracedMachine(machine, sinks, log, folder);
    } catch (error) {
      await Promise.all(sinks.map((sink) => sink.close()));
      throw error;
    }
  }

  /** Ends it as Ctrl-C does: what it had to tell has been sent then. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#log.close();
    await this.machine.stop();
  }

  async leave(): Promise<void> {
    await this.stop();
    await Promise.all([this.own.close(), this.other.close()]);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Applies a workload that starts at zero, and waits until the activator is in its path. */
  async apply(workload: WorkloadKey): Promise<void> {
    const { namespace, name } = workloadName(workload);
    const platform = connectPlatform(this.machine);
    try {
      await platform.configure(configuration);
      await platform.apply({
        ...{ kind: 'Deployment', namespace, name, env: {}, replicas: 0 },
        annotations: { 'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev' },
        ...{
          containerConcurrency: 0,
          timeoutSeconds: 60,
          command: [process.execPath, '-e', startLate],
        },
        source: { file: 'tracing', line: 0 },
      });
    } finally {
      await platform.close();
    }
    await until(`${workload} is known`, async () => (await this.of(workload, 'RoutingApplied'))[0]);
  }

  /** One request, as a client sends it that has a trace of its own; gives the status. */
  ask(workload: WorkloadKey, traceparent: string): Promise<number> {
    const { namespace, name } = workloadName(workload);
    const headers = { host: `${name}.${namespace}.${domain}`, traceparent };
    return new Promise((resolve, reject) => {
      const sent = request(this.machine.run.gatewayUrl, { headers, agent: false });
      sent.once('error', reject).once('response', (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.end();
    });
  }

  events(): Promise<readonly RecordedEvent[]> {
    return readAll(this.#log.events, 'flyball.events.>', ({ body, subject, seq }) => {
      const decoded = decodeEvent(body, subject, seq);
      return decoded.ok ? decoded.event : undefined;
    });
  }

  batches(): Promise<readonly Batch[]> {
    return readAll(this.#log.samples, 'flyball.samples.>', ({ body, subject, seq }) => {
      const decoded = decodeSamples(body, subject, seq);
      return decoded.ok ? decoded.event : undefined;
    });
  }

  /** A header of a stored message; empty where it has none. */
  async headerOf(stream: string, seq: number, name: string): Promise<string> {
    const { run, secrets } = this.machine;
    const login = natsLoginOf('reader', secrets, run.givenNatsLogin);
    const { user, password: pass } = login ?? { user: '', password: '' };
    const connection = await connect({
      ...{ servers: run.natsUrl, user, pass, inboxPrefix: `_INBOX.${user}` },
    });
    try {
      const { direct } = await jetstreamManager(connection, { checkAPI: false });
      return (await direct.getMessage(stream, { seq }))?.header.get(name) ?? '';
    } finally {
      await connection.close();
    }
  }

  async of<Name extends RecordedEvent['type']>(
    workload: WorkloadKey,
    type: Name,
  ): Promise<readonly Recorded<Name>[]> {
    const isOf = (event: RecordedEvent): event is Recorded<Name> =>
      event.type === type && event.workload === workload;
    return (await this.events()).filter(isOf);
  }
}
