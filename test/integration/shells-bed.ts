/** The world of the shells' stories: a log, a platform, and services that come and go. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startActuator } from '@flyball/actuator';
import { startCollector } from '@flyball/collector';
import {
  chainOf,
  chainStart,
  decodeEvent,
  encodeUnchained,
  followsChain,
  partitionOf,
  type RecordedEvent,
  samplesSubject,
  type WorkloadKey,
} from '@flyball/contracts';
import { startDecider } from '@flyball/decider';
import type { EventLog, EventStream } from '@flyball/event-log';
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
import { type Bus, partitionCount, type ShellName } from './shells-buses.ts';

export const workload: WorkloadKey = 'default/autoscale-go';
const partition = partitionOf(workload, partitionCount);
/** Those that every story needs; the collector is started by the stories of what it asks. */
export const shells: readonly ShellName[] = ['windower', 'decider', 'actuator', 'watcher'];

export type Recorded<Name extends RecordedEvent['type']> = Extract<RecordedEvent, { type: Name }>;

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

const collectorSettings = {
  scrapeTimeoutMs: 800,
  scrapesAtOnceMax: 16,
  pageBytesMax: 16_777_216,
  metricsHosts: '',
};

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

  /** A world on a bus of its own. */
  static async open(openBus: () => Promise<Bus>): Promise<World> {
    const bus = await openBus();
    return new World(bus, await bus.connect('admin'));
  }

  /** Ends all that was started; nothing of it may have crashed. */
  async end(): Promise<void> {
    for (const as of [...this.running.keys()]) await this.stop(as);
    await this.log.close();
    await this.bus.close();
    expect(this.crashes).toEqual([]);
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
      collector: (life: Life) => startCollector({ ...collectorSettings, log, life }),
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

  async startAll(): Promise<void> {
    await Promise.all(shells.map((name) => this.start(name)));
  }

  /** Ends each and starts it anew, one after the other. */
  async restartAll(): Promise<void> {
    for (const name of shells) {
      await this.stop(name);
      await this.start(name);
    }
  }

  /** Everything runs, and the workload has the one pod of its initial scale, ready. */
  async begin(): Promise<void> {
    await this.startAll();
    this.apply();
    await this.oneReady();
  }

  async oneReady(): Promise<void> {
    await this.replicasReach(1);
    await until('the pod is ready', async () => (await this.of('PodReady'))[0]);
  }

  async stop(as: string): Promise<void> {
    await this.running.get(as)?.drain();
    this.running.delete(as);
  }

  /** Requests in flight, as an activator tells them at once. */
  async poke(inFlight: number): Promise<void> {
    const nowMs = Date.now();
    await this.sample(inFlight, { secondAtMs: nowMs - (nowMs % 1_000), partial: true });
  }

  /** The second that ended last, as an activator tells it. */
  async tellSecond(inFlight: number): Promise<void> {
    const nowMs = Date.now();
    await this.sample(inFlight, { secondAtMs: nowMs - (nowMs % 1_000) - 1_000, partial: false });
  }

  private async sample(
    inFlight: number,
    told: { readonly secondAtMs: number; readonly partial: boolean },
  ): Promise<void> {
    const atMs = Date.now();
    const source = 'activator-test';
    const id = `${source}:${partition}:${told.secondAtMs}:${atMs}`;
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
      atMs,
      data: { source, ...told, rows, covered: [] },
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

  async of<Name extends RecordedEvent['type']>(type: Name): Promise<Recorded<Name>[]> {
    return (await this.events()).filter((event): event is Recorded<Name> => event.type === type);
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
