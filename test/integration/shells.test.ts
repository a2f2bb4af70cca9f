/** The four shells together in one process: from a sample to a scale, and through their deaths. */
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
import { afterEach, describe, expect, it } from 'vitest';

const partitionCount = 2;
const workload: WorkloadKey = 'default/autoscale-go';
const partition = partitionOf(workload, partitionCount);

type ShellName = 'windower' | 'decider' | 'actuator' | 'watcher';

interface Bus {
  /** Connects with the rights of this user, where the bus knows users. */
  connect(user: ShellName | 'keeper' | 'admin'): Promise<EventLog>;
  /** Kills the server and starts it again on what it had stored. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const memoryBus = async (): Promise<Bus> => {
  const server = startMemoryServer({ partitionCount, nowMs: () => Date.now() });
  const connected: MemoryEventLog[] = [];
  return {
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
    close: async () => undefined,
  };
};

const password = 'shells';

const natsBus = async (): Promise<Bus> => {
  const [binary] = await availableNatsServers();
  if (binary === undefined) throw new Error('nats-server is not installed');
  const users = natsUsers.map((user) => ({ user, password, permissions: natsPermissions(user) }));
  const configText = `authorization { users: ${JSON.stringify(users)} }`;
  const server = await startNatsServer({ binary, configText });
  const admin = { servers: server.url, name: 'set-up', user: 'admin', password };
  await createStreams(admin, { partitionCount });
  return {
    connect: (user) => connectEventLog({ servers: server.url, name: user, user, password }),
    restart: () => server.restart(),
    close: () => server.stop(),
  };
};

const until = async <Value>(
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

class World {
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

  async start(name: ShellName, as: string = name): Promise<void> {
    if (!settings.ok) throw new Error('settings');
    const { platform, store } = this;
    const log = await this.bus.connect(name);
    const keeper = await this.bus.connect('keeper');
    const starts = {
      windower: (life: Life) => startWindower({ log, store, life, mirrorCheckEveryMs: 1_000 }),
      decider: (life: Life) => startDecider({ log, life }),
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
        logger: pino({ level: process.env.SHELLS_LOG ?? 'silent' }),
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

  async events(): Promise<RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    const chains = new Map<string, string>();
    const reading = { filter: 'flyball.events.>', afterSeq: 0, signal: AbortSignal.timeout(5_000) };
    for await (const batch of this.log.events.readToEnd(reading)) {
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

  apply(): void {
    this.platform.apply({
      workload,
      annotations: {
        'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev',
        'autoscaling.knative.dev/target': '10',
        'autoscaling.knative.dev/target-utilization-percentage': '100',
        'autoscaling.knative.dev/initial-scale': '1',
      },
      containerConcurrency: 0,
      timeoutSeconds: 300,
      reachable: true,
      replicas: 0,
    });
  }

  replicas(): number | undefined {
    return this.platform.workloads()[0]?.replicas;
  }

  async replicasReach(least: number): Promise<number> {
    return until(`${least} replicas`, () => {
      this.platform.makeReady();
      const now = this.replicas() ?? 0;
      return now >= least ? now : undefined;
    });
  }
}

const shells = ['windower', 'decider', 'actuator', 'watcher'] as const;

describe.each([
  ['memory', memoryBus],
  ['NATS', natsBus],
] as const)('the shells on %s', (_name, openBus) => {
  let world: World;

  const open = async (): Promise<World> => {
    const bus = await openBus();
    world = new World(bus, await bus.connect('admin'));
    return world;
  };

  afterEach(async () => {
    for (const as of [...world.running.keys()]) await world.stop(as);
    await world.log.close();
    await world.bus.close();
    expect(world.crashes).toEqual([]);
  });

  it('write the workload down, decide its initial scale, and scale a burst', async () => {
    const { platform } = await open();
    await Promise.all(shells.map((name) => world.start(name)));
    world.apply();
    expect(await world.replicasReach(1)).toBe(1);
    await until('a pod is known', async () => (await world.of('PodReady'))[0]);
    await world.poke(60);
    expect(await world.replicasReach(6)).toBeGreaterThanOrEqual(6);
    const types = new Set((await world.events()).map((event) => event.type));
    for (const type of [
      'WorkloadAppeared',
      'PolicySet',
      'TickObserved',
      'Decided',
      'ScaleApplied',
    ] as const) {
      expect(types).toContain(type);
    }
    expect(platform.routingOf(workload)).toBe('activator');
  });

  it('go on where they were when each is ended and started anew', async () => {
    await open();
    await Promise.all(shells.map((name) => world.start(name)));
    world.apply();
    await world.replicasReach(1);
    await until('the pod is ready', async () => (await world.of('PodReady'))[0]);
    for (const name of shells) {
      await world.stop(name);
      await world.start(name);
    }
    expect(world.replicas()).toBe(1);
    await world.poke(80);
    await world.replicasReach(8);
    const appeared = await world.of('WorkloadAppeared');
    const policies = await world.of('PolicySet');
    expect([appeared.length, policies.length]).toEqual([1, 1]);
  });

  it('put a drift right and record who did it', async () => {
    const { platform } = await open();
    await Promise.all(shells.map((name) => world.start(name)));
    world.apply();
    await world.replicasReach(1);
    await until('recorded', async () => (await world.of('ScaleApplied'))[0]);
    platform.writeReplicas(workload, 5, 'kubectl');
    await until('put right', () => (world.replicas() === 1 ? true : undefined));
    const [drift] = await until('told', async () => {
      const drifts = await world.of('ReplicasDrifted');
      return drifts.length > 0 ? drifts : undefined;
    });
    expect(drift?.data).toMatchObject({ expected: 1, observed: 5, fieldManager: 'kubectl' });
  });

  it('hold still and go on when the bus dies and comes back, and Redis is emptied', async () => {
    await open();
    await Promise.all(shells.map((name) => world.start(name)));
    world.apply();
    await world.replicasReach(1);
    await until('the pod is ready', async () => (await world.of('PodReady'))[0]);
    world.windows.flush();
    await world.bus.restart();
    expect(world.replicas()).toBe(1);
    const ticks = (await world.of('TickObserved')).length;
    await until('ticks go on', async () =>
      (await world.of('TickObserved')).length > ticks + 2 ? true : undefined,
    );
    await world.poke(60);
    await world.replicasReach(6);
    await world.expectEachOnce();
  });

  it('with two of each alive, write each fact once', async () => {
    await open();
    await Promise.all(
      shells.flatMap((name) => [world.start(name), world.start(name, `${name} two`)]),
    );
    world.apply();
    await world.replicasReach(1);
    await until('the pod is ready', async () => (await world.of('PodReady'))[0]);
    await Promise.all(shells.map((name) => world.stop(name)));
    await world.poke(60);
    await world.replicasReach(6);
    await world.expectEachOnce();
    expect((await world.of('WorkloadAppeared')).length).toBe(1);
  });
});
