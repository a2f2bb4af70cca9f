/** Which processes one Flyball on this machine consists of, and what each is told. */
import { join } from 'node:path';
import type { NatsUser } from '@flyball/contracts';
import type { DataFolder, Secrets } from './data-folder.ts';
import type { ProcessPlan } from './supervised.ts';

const readyLimitMs = 30_000;
const servicesFolder = join(import.meta.dirname, '../../..');
/**
 * Node lets the young generation of a busy process grow to 3 × 64 MiB and keep them, three times
 * what it needs for all the rest. 16 MiB, as up to Node 20, keep its memory flat and small.
 */
const nodeOptions = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=16'];
/** Where Node keeps what it has compiled: a stage then starts in two thirds of the time. */
const compileCache = join(servicesFolder, '../node_modules/.cache/flyball');

/** The stages in the order in which they are started; they are ended the other way round. */
export const stageServices = [
  'watcher',
  'windower',
  'decider',
  'actuator',
  'collector',
  'activator',
] as const;
export type StageService = (typeof stageServices)[number];
/** What runs beside the platform: the stages, and what shows them. */
export const watchedServices = [...stageServices, 'console'] as const;
export type WatchedService = (typeof watchedServices)[number];
export type ServiceName = WatchedService | 'local-node';

export interface NatsLogin {
  readonly user: string;
  readonly password: string;
}

export interface Endpoints {
  readonly natsUrl: string;
  /** For every user of a NATS given by URL (null: none is needed); undefined: NATS is ours. */
  readonly givenNatsLogin: NatsLogin | null | undefined;
  readonly redisUrl: string;
  readonly platformUrl: string;
  readonly platformPort: number;
  readonly gatewayHost: string;
  readonly gatewayPort: number;
  readonly domain: string;
  /** Where the console listens; undefined: there is none. */
  readonly consolePort: number | undefined;
}

/** Always on the loopback: it shows everything to whoever reaches it. */
const consoleHost = '127.0.0.1';

/** Undefined where there is no console. */
export const consoleUrlOf = ({ consolePort }: Endpoints): string | undefined =>
  consolePort === undefined ? undefined : `http://${consoleHost}:${consolePort}`;

export interface Topology {
  readonly data: DataFolder;
  readonly secrets: Secrets;
  readonly endpoints: Endpoints;
  readonly logLevel: string;
  /** What every process inherits: PATH, HOME and the like; none of our own settings. */
  readonly inherited: Readonly<Record<string, string>>;
  /** More environment for some of the services; over what they are told otherwise. */
  readonly settings?: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>;
  /** What the stages tell is told on, to the console and by these OTEL_*; undefined: nothing is. */
  readonly telling: Readonly<Record<string, string>> | undefined;
}

/** Our own NATS has a user for each service; a given one at most the login that came with it. */
export const natsLoginOf = (
  user: NatsUser,
  secrets: Secrets,
  given: NatsLogin | null | undefined,
): NatsLogin | null => (given === undefined ? { user, password: secrets.nats[user] } : given);

/** Each has a user of its name; the console only reads. */
const natsUserOf = (service: WatchedService): NatsUser =>
  service === 'console' ? 'reader' : service;

const natsLogin = (user: NatsUser, { secrets, endpoints }: Topology): Record<string, string> => {
  const login = natsLoginOf(user, secrets, endpoints.givenNatsLogin);
  const url = { FLYBALL_NATS_URL: endpoints.natsUrl };
  if (login === null) return url;
  return { ...url, FLYBALL_NATS_USER: login.user, FLYBALL_NATS_PASSWORD: login.password };
};

const keeperLogin = ({ secrets, endpoints }: Topology): Record<string, string> => {
  const login = natsLoginOf('keeper', secrets, endpoints.givenNatsLogin);
  if (login === null) return {};
  return {
    FLYBALL_KEEPER_NATS_USER: login.user,
    FLYBALL_KEEPER_NATS_PASSWORD: login.password,
  };
};

const platformLogin = ({ secrets, endpoints }: Topology): Record<string, string> => ({
  FLYBALL_PLATFORM_URL: endpoints.platformUrl,
  FLYBALL_PLATFORM_TOKEN: secrets.platform,
});

const settingsOf = (service: ServiceName, topology: Topology): Record<string, string> => {
  const { endpoints, secrets, data } = topology;
  switch (service) {
    case 'local-node':
      return {
        FLYBALL_PLATFORM_TOKEN: secrets.platform,
        FLYBALL_NODE_PORT: String(endpoints.platformPort),
        FLYBALL_NODE_FOLDER: data.node,
        FLYBALL_QUEUE_PROXY_COMMAND: JSON.stringify([process.execPath, entryOf('queue-proxy')]),
      };
    case 'watcher':
      return { ...platformLogin(topology), ...keeperLogin(topology) };
    case 'windower':
      return { FLYBALL_REDIS_URL: endpoints.redisUrl };
    case 'actuator':
      return platformLogin(topology);
    case 'activator':
      return {
        FLYBALL_GATEWAY_HOST: endpoints.gatewayHost,
        FLYBALL_GATEWAY_PORT: String(endpoints.gatewayPort),
        FLYBALL_DOMAIN: endpoints.domain,
      };
    case 'console':
      return {
        FLYBALL_CONSOLE_HOST: consoleHost,
        FLYBALL_CONSOLE_PORT: String(endpoints.consolePort ?? 0),
      };
    case 'decider':
    case 'collector':
      return {};
  }
};

const entryOf = (service: string): string => join(servicesFolder, service, 'src/main.ts');

const isStage = (service: ServiceName): boolean => stageServices.some((one) => one === service);

/** They own no partitions. */
const leaseless: ReadonlySet<ServiceName> = new Set(['local-node', 'activator', 'console']);

/**
 * A stage is started again only when it has ended, and those of an earlier `up` are ended first. On
 * a NATS that is not ours another `up` may have stages of the same names.
 */
const soleInstance = (service: ServiceName, { endpoints }: Topology): Record<string, string> =>
  leaseless.has(service) || endpoints.givenNatsLogin !== undefined
    ? {}
    : { FLYBALL_SOLE_INSTANCE: 'true' };

/** The stages of a request's way; each that tells costs some memory and start time. */
const telling: ReadonlySet<ServiceName> = new Set(['activator', 'windower', 'decider', 'actuator']);

const toldTo = (service: ServiceName, topology: Topology): Record<string, string> => {
  // The local-node is told of no OTEL_*: pods inherit what it has, and are not Flyball.
  if (topology.telling === undefined || !isStage(service)) return {};
  const consoleUrl = consoleUrlOf(topology.endpoints);
  const toConsole = telling.has(service) && consoleUrl !== undefined;
  return { ...topology.telling, ...(toConsole ? { FLYBALL_TRACES_URL: consoleUrl } : {}) };
};

/** Everything one service needs in its environment. */
export const serviceEnvironment = (
  service: ServiceName,
  topology: Topology,
): Record<string, string> => ({
  FLYBALL_LOG_LEVEL: topology.logLevel,
  ...(service === 'local-node' ? {} : natsLogin(natsUserOf(service), topology)),
  ...soleInstance(service, topology),
  ...toldTo(service, topology),
  ...settingsOf(service, topology),
  ...topology.settings?.[service],
});

/** The plan of one service's process; it says itself when it is ready. */
export const servicePlan = (service: ServiceName, topology: Topology): ProcessPlan => ({
  name: service,
  command: process.execPath,
  args: [...nodeOptions, entryOf(service)],
  env: {
    ...topology.inherited,
    // Pods inherit what the local-node has: their code is not ours to keep.
    ...(service === 'local-node' ? {} : { NODE_COMPILE_CACHE: compileCache }),
    ...serviceEnvironment(service, topology),
  },
  logPath: join(topology.data.logs, `${service}.log`),
  ready: { by: 'ipc' },
  readyLimitMs,
});

export interface StoreServer {
  readonly program: string;
  readonly port: number;
  readonly configPath: string;
}

export const natsPlan = (server: StoreServer, topology: Topology): ProcessPlan => ({
  name: 'nats-server',
  command: server.program,
  args: ['--config', server.configPath],
  env: topology.inherited,
  logPath: join(topology.data.logs, 'nats-server.log'),
  ready: { by: 'port', port: server.port },
  readyLimitMs,
});

export const redisPlan = (server: StoreServer, topology: Topology): ProcessPlan => ({
  name: 'redis-server',
  command: server.program,
  args: [server.configPath],
  env: topology.inherited,
  logPath: join(topology.data.logs, 'redis-server.log'),
  ready: { by: 'port', port: server.port },
  readyLimitMs,
});
