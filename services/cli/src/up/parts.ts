/** The parts of one Flyball on this machine, for a supervisor that starts each by itself. */
import { createStreams } from '@flyball/event-log';
import { openDataFolder, type RunRecord, type Secrets } from './data-folder.ts';
import { inheritedFrom, openTelemetryOf } from './inherited.ts';
import { endLeftovers } from './leftovers.ts';
import type { PartPorts } from './part-ports.ts';
import { identify } from './process-identity.ts';
import { type Ended, runProcess } from './run-process.ts';
import { prepareNats, prepareRedis } from './stores.ts';
import {
  consoleUrlOf,
  type Endpoints,
  natsLoginOf,
  natsPlan,
  redisPlan,
  type ServiceName,
  servicePlan,
  type Topology,
  watchedServices,
} from './topology.ts';

const stores = ['nats-server', 'redis-server'] as const;
const tasks = ['prepare', 'streams'] as const;

/** `prepare` and `streams` do something and end; the others run until they are told to end. */
export const partNames = [...tasks, ...stores, 'local-node', ...watchedServices] as const;
export type PartName = (typeof partNames)[number];

export interface PartOptions {
  /** The data folder. */
  readonly data: string;
  readonly ports: PartPorts;
  readonly domain: string;
  readonly logLevel: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Stages that are told to end at the same moment can still give back what they own. */
const storeLingerMs = 3_000;
const loopback = '127.0.0.1';

const endpointsOf = ({ ports, domain }: PartOptions, secrets: Secrets): Endpoints => ({
  natsUrl: `nats://${loopback}:${ports['nats-server']}`,
  givenNatsLogin: undefined,
  redisUrl: `redis://:${secrets.redis}@${loopback}:${ports['redis-server']}`,
  platformUrl: `http://${loopback}:${ports['local-node']}`,
  platformPort: ports['local-node'],
  gatewayHost: loopback,
  gatewayPort: ports.gateway,
  domain,
  consolePort: ports.console,
});

const healthSettings = ({ health }: PartPorts): NonNullable<Topology['settings']> =>
  Object.fromEntries(
    Object.entries(health).map(([name, port]) => [name, { FLYBALL_HEALTH_PORT: String(port) }]),
  );

const topologyOf = async (options: PartOptions): Promise<Topology> => {
  const data = await openDataFolder(options.data);
  const secrets = await data.secrets();
  return {
    data,
    secrets,
    endpoints: endpointsOf(options, secrets),
    logLevel: options.logLevel,
    inherited: inheritedFrom(options.env),
    settings: healthSettings(options.ports),
    telling: openTelemetryOf(options.env),
  };
};

const recordOf = ({ endpoints }: Topology, { health }: PartPorts): RunRecord => ({
  supervisor: identify('flyball', process.pid) ?? {
    ...{ name: 'flyball', pid: process.pid, identity: '' },
  },
  startedAtMs: Date.now(),
  gatewayUrl: `http://${endpoints.gatewayHost}:${endpoints.gatewayPort}`,
  domain: endpoints.domain,
  natsUrl: endpoints.natsUrl,
  redisUrl: endpoints.redisUrl,
  platformUrl: endpoints.platformUrl,
  consoleUrl: consoleUrlOf(endpoints),
  traces: true,
  healthUrls: Object.fromEntries(
    Object.entries(health).map(([name, port]) => [name, `http://${loopback}:${port}`]),
  ),
  processes: [],
});

/** It owns the pods: while it runs, this Flyball runs, for whoever looks for one in the folder. */
const runLocalNode = async (topology: Topology, options: PartOptions): Promise<Ended> => {
  const { data } = topology;
  await endLeftovers(data);
  await data.claimRun(recordOf(topology, options.ports));
  try {
    return await runProcess(servicePlan('local-node', topology), options.signal);
  } finally {
    await data.clearRun();
  }
};

const storeOptions = ({ data, secrets }: Topology, { env }: PartOptions, port: number) => ({
  ...{ data, secrets, port, path: env.PATH ?? '', givenUrl: undefined },
});

const runStore = async (
  name: (typeof stores)[number],
  topology: Topology,
  options: PartOptions,
): Promise<Ended> => {
  const given = storeOptions(topology, options, options.ports[name]);
  const [prepare, planOf] =
    name === 'nats-server' ? [prepareNats, natsPlan] : [prepareRedis, redisPlan];
  const store = await prepare(given);
  if (store.kind === 'given') throw new Error('a store of ours was taken for a given one');
  const lingering = { lingerMs: storeLingerMs };
  return runProcess(planOf(store.server, topology), options.signal, lingering);
};

const makeStreams = async ({ endpoints, secrets }: Topology): Promise<Ended> => {
  const login = natsLoginOf('admin', secrets, endpoints.givenNatsLogin);
  await createStreams({ servers: endpoints.natsUrl, ...login, name: 'set-up' });
  return 0;
};

/** Does the part, or runs it until it ends or is told to; resolves with how it ended. */
export const runPart = async (name: PartName, options: PartOptions): Promise<Ended> => {
  const topology = await topologyOf(options);
  switch (name) {
    // The folder and its secrets are there now: parts that start together find the same.
    case 'prepare':
      return 0;
    case 'streams':
      return makeStreams(topology);
    case 'nats-server':
    case 'redis-server':
      return runStore(name, topology, options);
    case 'local-node':
      return runLocalNode(topology, options);
    default:
      return runProcess(servicePlan(name satisfies ServiceName, topology), options.signal);
  }
};
