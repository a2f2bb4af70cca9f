/** Everything on this machine: started in order, watched, and ended in order. */
import { setTimeout as wait } from 'node:timers/promises';
import { createStreams } from '@flyball/event-log';
import { type ConsoleWanted, choosePorts } from './choose-ports.ts';
import { type DataFolder, openDataFolder, type RunRecord, type Secrets } from './data-folder.ts';
import { freePort } from './free-port.ts';
import { assertSpaceIn } from './free-space.ts';
import { inheritedFrom, openTelemetryOf } from './inherited.ts';
import { endLeftovers } from './leftovers.ts';
import { identify } from './process-identity.ts';
import { type SpaceEvent, watchSpace } from './space-watch.ts';
import { prepareNats, prepareRedis, type Store } from './stores.ts';
import { type ProcessEvent, type ProcessPlan, type Supervised, supervise } from './supervised.ts';
import {
  consoleUrlOf,
  type Endpoints,
  type NatsLogin,
  natsLoginOf,
  natsPlan,
  redisPlan,
  type StoreServer,
  servicePlan,
  stageServices,
  type Topology,
  type WatchedService,
} from './topology.ts';

export interface MachineOptions {
  /** The data folder. */
  readonly data: string;
  readonly gatewayHost: string;
  /** 0 takes a free one. */
  readonly gatewayPort: number;
  readonly domain: string;
  readonly logLevel: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tell: (event: MachineEvent) => void;
  /** More environment for some of the services: what is tried or measured there. */
  readonly settings?: Topology['settings'];
  /** The console; without it there is none. */
  readonly console?: ConsoleWanted | undefined;
  /** Do the stages tell their doings, to the console and as OTEL_* of `env` say? */
  readonly traces?: boolean;
  /** How a stage or the console is started; by default as a process of its own. */
  readonly startStage?: StartStage;
}

/** Starts one and keeps it running until it is stopped. */
export type StartStage = (
  service: WatchedService,
  topology: Topology,
  tell: (event: ProcessEvent) => void,
) => Supervised;

export type MachineEvent =
  | ProcessEvent
  | { readonly kind: 'leftovers'; readonly names: readonly string[] }
  | { readonly kind: 'streams' }
  | SpaceEvent;

export interface Machine {
  readonly run: RunRecord;
  readonly data: DataFolder;
  readonly secrets: Secrets;
  /** The process of a part now, for whoever wants to see it die. */
  pidOf(name: string): number | undefined;
  stop(): Promise<void>;
}

const streamTryPauseMs = 100;
const streamTriesMax = 50;

const makeStreams = async ({ endpoints, secrets }: Topology): Promise<void> => {
  const login = natsLoginOf('admin', secrets, endpoints.givenNatsLogin);
  const admin = { servers: endpoints.natsUrl, ...login, name: 'set-up' };
  // JetStream answers a moment after the port does.
  for (let tries = 1; ; tries += 1) {
    try {
      await createStreams(admin);
      return;
    } catch (error) {
      const retriable = error instanceof Error && Reflect.get(error, 'retriable') === true;
      if (!retriable || tries >= streamTriesMax) throw error;
      await wait(streamTryPauseMs);
    }
  }
};

interface Started {
  /** Ends that were asked for are no news. */
  ending: boolean;
  readonly data: DataFolder;
  readonly record: RunRecord;
  readonly parts: Supervised[];
  /** Aborts when everything is to end. */
  readonly over: AbortController;
  save(): Promise<void>;
}

/** Keeps the record of who runs, so that the next start can end what a killed one left. */
const recordEvents =
  (started: Started, tell: MachineOptions['tell']) =>
  (event: ProcessEvent): void => {
    const { record } = started;
    if (event.kind === 'started') {
      const others = record.processes.filter(({ name }) => name !== event.name);
      record.processes = [...others, event.identity];
    }
    if (event.kind === 'ready' && event.healthUrl !== undefined) {
      record.healthUrls[event.name] = event.healthUrl;
    }
    if (started.ending) return;
    void started.save();
    tell(event);
  };

const asProcess: StartStage = (service, topology, tell) =>
  supervise(servicePlan(service, topology), tell);

const startAll = async (
  topology: Topology,
  stores: { readonly nats: Store; readonly redis: Store },
  started: Started,
  options: MachineOptions,
): Promise<void> => {
  const tell = recordEvents(started, options.tell);
  const keep = (part: Supervised): Promise<void> => {
    started.parts.push(part);
    return part.ready;
  };
  const start = (plan: ProcessPlan): Promise<void> => keep(supervise(plan, tell));
  // Redis needs no such watch: it takes writes again as soon as there is room.
  const startNats = async (server: StoreServer): Promise<void> => {
    const part = supervise(natsPlan(server, topology), tell);
    await keep(part);
    const { data, over } = started;
    void watchSpace({ part, folder: data.nats, tell: options.tell, signal: over.signal });
  };
  const startStage = options.startStage ?? asProcess;
  const { nats, redis } = stores;
  await Promise.all([
    nats.kind === 'ours' ? startNats(nats.server) : undefined,
    redis.kind === 'ours' ? start(redisPlan(redis.server, topology)) : undefined,
    start(servicePlan('local-node', topology)),
  ]);
  await makeStreams(topology);
  options.tell({ kind: 'streams' });
  await Promise.all(stageServices.map((service) => keep(startStage(service, topology, tell))));
  // Last, and alone: what serves requests does not wait for what looks at it.
  if (topology.endpoints.consolePort !== undefined) {
    await keep(startStage('console', topology, tell));
  }
};

/** The activator first, so that what it holds can still be served; the stores last. */
const endOrder = [
  ['activator'],
  ['collector'],
  ['actuator', 'decider', 'windower'],
  ['local-node'],
  ['watcher'],
  // After all that tells it something.
  ['console'],
  ['redis-server', 'nats-server'],
] as const;

const stopAll = async (parts: readonly Supervised[]): Promise<void> => {
  for (const names of endOrder) {
    const together = parts.filter(({ name }) => names.some((one) => one === name));
    await Promise.all(together.map((part) => part.stop()));
  }
};

const givenLogin = (env: MachineOptions['env']): NatsLogin | null => {
  const { FLYBALL_NATS_USER: user, FLYBALL_NATS_PASSWORD: password } = env;
  return user === undefined ? null : { user, password: password ?? '' };
};

const newRecord = (endpoints: Endpoints, traces: boolean): RunRecord => ({
  supervisor: identify('flyball', process.pid) ?? {
    name: 'flyball',
    pid: process.pid,
    identity: '',
  },
  startedAtMs: Date.now(),
  gatewayUrl: `http://${endpoints.gatewayHost}:${endpoints.gatewayPort}`,
  domain: endpoints.domain,
  natsUrl: endpoints.natsUrl,
  givenNatsLogin: endpoints.givenNatsLogin,
  redisUrl: endpoints.redisUrl,
  platformUrl: endpoints.platformUrl,
  consoleUrl: consoleUrlOf(endpoints),
  traces,
  healthUrls: {},
  processes: [],
});

/**
 * Starts everything and resolves when all parts are ready. On failure what had been started is
 * ended before the error is passed on.
 */
export const startMachine = async (options: MachineOptions): Promise<Machine> => {
  const data = await openDataFolder(options.data);
  const left = await endLeftovers(data);
  if (left.length > 0) options.tell({ kind: 'leftovers', names: left });
  await assertSpaceIn([data.path, data.logs, data.nats, data.redis, data.node]);
  const { gatewayPort, consolePort } = await choosePorts(options);
  const secrets = await data.secrets();
  const { env } = options;
  const store = { data, secrets, path: env.PATH ?? '' };
  const nats = await prepareNats({ ...store, givenUrl: env.FLYBALL_NATS_URL });
  const redis = await prepareRedis({ ...store, givenUrl: env.FLYBALL_REDIS_URL });
  const platformPort = await freePort();
  const endpoints: Endpoints = {
    natsUrl: nats.url,
    givenNatsLogin: nats.kind === 'given' ? givenLogin(env) : undefined,
    redisUrl: redis.url,
    platformUrl: `http://127.0.0.1:${platformPort}`,
    platformPort,
    gatewayHost: options.gatewayHost,
    gatewayPort,
    domain: options.domain,
    consolePort,
  };
  const { logLevel, settings = {}, traces = false } = options;
  const inherited = inheritedFrom(env);
  const telling = traces ? openTelemetryOf(env) : undefined;
  const topology = { data, secrets, endpoints, logLevel, inherited, settings, telling };
  const record = newRecord(endpoints, traces);
  let saving = Promise.resolve();
  const save = (): Promise<void> => {
    saving = saving.then(() => data.writeRun(record)).catch(() => undefined);
    return saving;
  };
  const over = new AbortController();
  const started: Started = { ending: false, data, record, parts: [], save, over };
  await data.claimRun(record);
  const stop = async (): Promise<void> => {
    started.ending = true;
    over.abort();
    await stopAll(started.parts);
    await saving;
    await data.clearRun();
  };
  try {
    await startAll(topology, { nats, redis }, started, options);
    // Who is told that everything runs may read who that is.
    await save();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    run: record,
    data,
    secrets,
    pidOf: (name) => started.parts.find((part) => part.name === name)?.pid(),
    stop,
  };
};
