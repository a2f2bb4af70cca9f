/** The world of the shells' stories: a bus, a platform, and services that come and go. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startActuator } from '@flyball/actuator';
import {
  chainOf,
  chainStart,
  decodeEvent,
  encodeUnchained,
  followsChain,
  natsPermissions,
  natsUsers,
  partitionOf,
  type RecordedEvent,
  samplesSubject,
  type WorkloadKey,
} from '@flyball/contracts';
import { startDecider } from '@flyball/decider';
import {
  connectEventLog,
  createStreams,
  type EventLog,
  type EventStream,
  type MemoryEventLog,
  startMemoryServer,
} from '@flyball/event-log';
import { availableNatsServers, startNatsServer } from '@flyball/event-log/testing';
import { createMemoryPlatform, type MemoryPlatform } from '@flyball/platform';
import {
  commonSettings,
  defineConfig,
  defineService,
  type Life,
  parseExample,
  type RunningService,
  readConfig,
  startService,
} from '@flyball/service';
import { startWatcher } from '@flyball/watcher';
import { createMemoryWindows, type WindowStore } from '@flyball/window-store';
import { startWindower } from '@flyball/windower';
import { pino } from 'pino';
import { expect } from 'vitest';

export const partitionCount = 2;
export const workload: WorkloadKey = 'default/autoscale-go';
const partition = partitionOf(workload, partitionCount);

type ShellName = 'windower' | 'decider' | 'actuator' | 'watcher';

export interface Bus {
  /** Where services of other processes reach it; empty in memory. */
  readonly url: string;
  /** Connects with the rights of this user, where the bus knows users. */
  connect(user: ShellName | 'keeper' | 'admin'): Promise<EventLog>;
  /** Kills the server and starts it again on what it had stored. */
  restart(): Promise<void>;
  /** Remembers what is stored now. */
  keep(): Promise<void>;
  /** Kills the server; it comes back with what was kept and nothing newer. */
  goBack(): Promise<void>;
  close(): Promise<void>;
}

export const memoryBus = async (): Promise<Bus> => {
  const server = startMemoryServer({ partitionCount, nowMs: () => Date.now() });
  const connected: MemoryEventLog[] = [];
  const names = ['EVENTS', 'SAMPLES', 'MINUTES'] as const;
  const kept = new Map<(typeof names)[number], number>();
  const streamsOf = ({ events, samples, minutes }: EventLog) => [events, samples, minutes];
  return {
    url: '',
    connect: async () => {
      const log = server.connect();
      connected.push(log);
      return log;
    },
    restart: async () => {
      for (const log of connected) log.disconnect();
      await sleep(300);
      for (const log of connected) if (log.status() !== 'closed') log.reconnect();
    },
    keep: async () => {
      for (const stream of streamsOf(server.connect())) {
        const name = names.find((one) => one === stream.name);
        if (name !== undefined) kept.set(name, (await stream.state()).lastSeq);
      }
    },
    goBack: async () => {
      for (const log of connected) log.disconnect();
      await sleep(300);
      for (const [name, seq] of kept) server.loseTail(name, seq);
      for (const log of connected) if (log.status() !== 'closed') log.reconnect();
    },
    close: async () => undefined,
  };
};

export const password = 'shells';

export const natsBus = async (): Promise<Bus> => {
  const [binary] = await availableNatsServers();
  if (binary === undefined) throw new Error('nats-server is not installed');
  const users = natsUsers.map((user) => ({ user, password, permissions: natsPermissions(user) }));
  const configText = `authorization { users: ${JSON.stringify(users)} }`;
  const server = await startNatsServer({ binary, configText });
  const admin = { servers: server.url, name: 'set-up', user: 'admin', password };
  await createStreams(admin, { partitionCount });
  return {
    url: server.url,
    connect: (user) => connectEventLog({ servers: server.url, name: user, user, password }),
    restart: () => server.restart(),
    keep: () => server.keepStore(),
    goBack: () => server.goBack(),
    close: () => server.stop(),
  };
};

export const until = async <Value>(
  what: string,
  condition: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> => {
  const untilMs = performance.now() + 15_000;
  for (;;) {
    const value = await condition();
    if (value !== undefined) return value;
    if (performance.now() > untilMs) throw new Error(`never came: ${what}`);
    await sleep(10);
  }
};

const settings = readConfig(defineConfig(commonSettings), parseExample('FLYBALL_LOG_LEVEL=warn\n'));

/** A service sets its own level: what nobody asked to see is discarded here. */
const nowhere = { write: () => undefined };

export class World {
  readonly running = new Map<string, RunningService>();
  readonly crashes: unknown[] = [];
  readonly platform: MemoryPlatform = createMemoryPlatform({ nowMs: () => Date.now() });
  readonly windows = createMemoryWindows();
  readonly store: WindowStore = this.windows.open();
  readonly bus: Bus;
  readonly log: EventLog;

  constructor(bus: Bus, log: EventLog) {
    this.bus = bus;
    this.log = log;
  }

  /** `algorithms`: a decider that takes part as a release would that knows only these. */
  async start(
    name: ShellName,
    as: string = name,
    { algorithms }: { readonly algorithms?: readonly number[] } = {},
  ): Promise<void> {
    if (!settings.ok) throw new Error('settings');
    const { platform, store } = this;
    const log = await this.bus.connect(name);
    const keeper = await this.bus.connect('keeper');
    const starts = {
      windower: (life: Life) => startWindower({ log, store, life, mirrorCheckEveryMs: 1_000 }),
      decider: (life: Life) =>
        startDecider({ log, life, ...(algorithms === undefined ? {} : { algorithms }) }),
      actuator: (life: Life) => startActuator({ log, platform, life, patchesMax: 64 }),
      watcher: (life: Life) => startWatcher({ log, keeper, platform, life, keepEveryMs: 1_000 }),
    };
    const service = defineService({
      name,
      configSchema: defineConfig(commonSettings),
      start: async (_config, life) => {
        life.onClose('log', () => log.close());
        life.onClose('keeper', () => keeper.close());
        await starts[name](life);
      },
    });
    const running = await startService(
      service,
      { ...settings.config, instance: as.replace(' ', '-') },
      {
        logger: pino({}, process.env.SHELLS_LOG === undefined ? nowhere : process.stdout),
        onCrash: (e) => this.crashes.push(e),
      },
    );
    this.running.set(as, running);
  }

  async stop(as: string): Promise<void> {
    await this.running.get(as)?.drain();
    this.running.delete(as);
  }

  /** Requests in flight, as an activator tells them at once. */
  async poke(inFlight: number): Promise<void> {
    const nowMs = Date.now();
    const secondAtMs = nowMs - (nowMs % 1_000);
    const source = 'activator-test';
    const id = `${source}:${partition}:${secondAtMs}:${nowMs}`;
    const rows = {
      workloads: [workload],
      concurrencyMilli: [inFlight * 1_000],
      requestsMilli: [inFlight * 1_000],
      inFlight: [inFlight],
      traceparents: [null],
    };
    const body = encodeUnchained({
      id,
      type: 'SamplesReported',
      partition,
      pen: 'samples',
      source: '/flyball/activator/test',
      atMs: nowMs,
      data: { source, secondAtMs, partial: true, rows, covered: [] },
    });
    await this.log.samples.append({ subject: samplesSubject(partition), id, body });
  }

  events(): Promise<RecordedEvent[]> {
    return this.read(this.log.events, 'flyball.events.>');
  }

  /** All that a stream holds for a filter, with every chain checked. */
  async read(stream: EventStream, filter: string): Promise<RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    const chains = new Map<string, string>();
    const reading = { filter, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
    for await (const batch of stream.readToEnd(reading)) {
      for (const { body, subject, seq } of batch) {
        const decoded = decodeEvent(body, subject, seq);
        if (!decoded.ok) throw new Error(decoded.reason);
        const before = chains.get(subject);
        const purged = before === undefined && /\.(ticks|progress)$/.test(subject);
        if (!purged) expect(followsChain(before ?? chainStart, body)).toBe(true);
        chains.set(subject, chainOf(body) ?? '');
        found.push(decoded.event);
      }
    }
    return found;
  }

  async of(type: RecordedEvent['type']): Promise<RecordedEvent[]> {
    return (await this.events()).filter((event) => event.type === type);
  }

  async expectEachOnce(): Promise<void> {
    const ids = (await this.events()).map((event) => event.id);
    expect(new Set(ids).size).toBe(ids.length);
  }

  /** Applies the workload, or another one, with these annotations over its own. */
  apply(annotations: Readonly<Record<string, string>> = {}, of: WorkloadKey = workload): void {
    this.platform.apply({
      workload: of,
      annotations: {
        'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev',
        'autoscaling.knative.dev/target': '10',
        'autoscaling.knative.dev/target-utilization-percentage': '100',
        'autoscaling.knative.dev/initial-scale': '1',
        ...annotations,
      },
      containerConcurrency: 0,
      timeoutSeconds: 300,
      reachable: true,
      replicas: 0,
    });
  }

  replicas(of: WorkloadKey = workload): number | undefined {
    return this.platform.workloads().find((seen) => seen.workload === of)?.replicas;
  }

  async replicasReach(least: number): Promise<number> {
    return until(`${least} replicas`, () => {
      this.platform.makeReady();
      const now = this.replicas() ?? 0;
      return now >= least ? now : undefined;
    });
  }
}
