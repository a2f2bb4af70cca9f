/** A whole Flyball on the cluster of the tests: its stores and services, as processes. */
import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createPlace, type Place } from '../../e2e/harness/command.ts';
import { until } from '../../e2e/harness/until.ts';
import { connectApi } from '../api/api-client.ts';
import type { ActivatorService } from './activator-service.ts';
import type { AutoscalerSettings } from './autoscaler-settings.ts';
import { writeRunRecord } from './run-record.ts';
import { type ServiceReplica, startService } from './service-process.ts';
import { type Stores, startStores } from './stores.ts';
import { createSystemObjects, type SystemObjects } from './system-objects.ts';

/** In the order in which they are started; they are ended the other way round. */
const serviceNames = [
  'watcher',
  'windower',
  'decider',
  'actuator',
  'collector',
  'controller',
  'activator',
] as const;
export type ServiceName = (typeof serviceNames)[number];

type Environment = Readonly<Record<string, string>>;

export interface FlyballOptions {
  readonly kubeconfig: string;
  /** Only these namespaces are looked at; all of them when it is empty. */
  readonly namespaces?: readonly string[];
  /** Over the short windows of the cluster's ConfigMap config-autoscaler. */
  readonly autoscaler?: Environment;
  /**
   * In the namespace of the manifests, and each service with the rights that they give it. By
   * default a namespace of its own, so that several run at once, and the administrator's rights.
   */
  readonly asInstalled?: boolean;
  /** Where the ConfigMap config-autoscaler is; by default beside everything else of ours. */
  readonly settingsNamespace?: string;
  /** How many of each; one by default. */
  readonly replicas?: Readonly<Partial<Record<ServiceName, number>>>;
  /** More FLYBALL_ variables for all services, or for one. */
  readonly settings?: Environment;
  readonly settingsOf?: Readonly<Partial<Record<ServiceName, Environment>>>;
}

export interface Flyball extends AsyncDisposable {
  /** Its folder, and the `flyball` command to look at it with: `historyOf(place, …)`. */
  readonly place: Place;
  /** Of the first activator. */
  readonly gatewayUrl: string;
  readonly stores: Stores;
  /** Where its ConfigMap config-autoscaler is. */
  readonly settingsNamespace: string;
  readonly activatorService: ActivatorService;
  readonly autoscaler: AutoscalerSettings;
  /** The replicas of a service that run now. */
  replicas(service: ServiceName): readonly ServiceReplica[];
  /** SIGKILL to one replica; it stays away. An activator leaves its Service. */
  kill(service: ServiceName, instance: string): Promise<void>;
  /** Starts one more replica; resolves when it listens. */
  start(service: ServiceName): Promise<ServiceReplica>;
  /** Resolves when every replica says that it is ready. */
  untilReady(): Promise<void>;
  /** Ends everything in order; rejects when a process was left behind. */
  stop(): Promise<void>;
}

const domain = 'example.com';
const gatewayPort = 8080;
/** A folder in which the services' logs are kept; without it they go with the test. */
const logsVariable = 'FLYBALL_TEST_LOGS';
const readyLimitMs = 60_000;
/** Node 15 of a cluster would have these; a test has one or two nodes. */
const activatorAddress = (): string => `10.244.${randomInt(240, 255)}.${randomInt(2, 255)}`;

interface Wiring {
  readonly options: FlyballOptions;
  readonly place: Place;
  readonly stores: Stores;
  readonly system: SystemObjects;
  readonly addresses: Map<string, string>;
}

const ofService = (service: ServiceName, instance: string, wiring: Wiring): Environment => {
  const { stores, addresses } = wiring;
  if (service === 'windower') return { FLYBALL_REDIS_URL: stores.redisUrl };
  if (service === 'watcher') {
    return { FLYBALL_KEEPER_NATS_USER: 'keeper', FLYBALL_KEEPER_NATS_PASSWORD: stores.password };
  }
  if (service !== 'activator') return {};
  const host = addresses.get(instance) ?? '';
  const gateway = { FLYBALL_GATEWAY_HOST: host, FLYBALL_GATEWAY_PORT: String(gatewayPort) };
  return { ...gateway, FLYBALL_DOMAIN: domain };
};

/** They talk to the API server. */
const onCluster = ['watcher', 'actuator', 'controller'] as const satisfies ServiceName[];
const isOnCluster = (service: ServiceName): boolean => onCluster.some((one) => one === service);

const clusterSettings = (service: ServiceName, { options, system }: Wiring): Environment => ({
  ...(service !== 'controller' && { FLYBALL_PLATFORM: 'kubernetes' }),
  FLYBALL_KUBECONFIG: system.kubeconfigOf(service),
  FLYBALL_NAMESPACES: (options.namespaces ?? []).join(','),
  FLYBALL_CONFIG_NAMESPACES: system.settingsNamespace,
  FLYBALL_DOMAIN: domain,
  ...(service !== 'watcher' && { FLYBALL_ACTIVATOR_SERVICE: system.activators.name }),
});

const environmentOf = (service: ServiceName, instance: string, wiring: Wiring): Environment => {
  const { options, place, stores } = wiring;
  return {
    ...place.env,
    FLYBALL_NATS_URL: stores.natsUrl,
    FLYBALL_NATS_USER: service,
    FLYBALL_NATS_PASSWORD: stores.password,
    ...(isOnCluster(service) && clusterSettings(service, wiring)),
    ...ofService(service, instance, wiring),
    ...options.settings,
    ...options.settingsOf?.[service],
  };
};

const isReady = async ({ healthUrl }: ServiceReplica): Promise<boolean> => {
  try {
    return (await fetch(`${healthUrl}/readyz`)).ok;
  } catch {
    return false;
  }
};

/** Its replicas, by service and instance. */
const createFleet = (wiring: Wiring) => {
  const running: ServiceReplica[] = [];
  let started = 0;
  const logs = process.env[logsVariable] || join(wiring.place.folder, 'logs');
  const tellNow = (): Promise<void> => {
    const there = running.filter(({ service }) => service === 'activator');
    const known = there.map(({ instance }) => wiring.addresses.get(instance) ?? '');
    return wiring.system.activators.setAddresses(known);
  };
  // One after the other: of two at once the shorter list could be the last that is written.
  let telling = Promise.resolve();
  const tellActivators = (): Promise<void> => {
    telling = telling.then(tellNow);
    return telling;
  };
  const start = async (service: ServiceName): Promise<ServiceReplica> => {
    await mkdir(logs, { recursive: true });
    started += 1;
    const instance = String(started);
    if (service === 'activator') wiring.addresses.set(instance, activatorAddress());
    const env = environmentOf(service, instance, wiring);
    const replica = await startService({ service, instance, folder: logs, env });
    running.push(replica);
    if (service === 'activator') await tellActivators();
    return replica;
  };
  const take = async (service: ServiceName, instance: string): Promise<ServiceReplica> => {
    const index = running.findIndex(
      (replica) => replica.service === service && replica.instance === instance,
    );
    const [replica] = index < 0 ? [] : running.splice(index, 1);
    if (replica === undefined) throw new Error(`No ${service} ${instance} runs.`);
    if (service === 'activator') await tellActivators();
    return replica;
  };
  const stop = async (): Promise<void> => {
    for (const name of serviceNames.toReversed()) {
      const together = running.filter(({ service }) => service === name);
      await Promise.all(together.map(({ process }) => process.end()));
    }
  };
  return { running, start, take, stop };
};

/** Starts it and resolves when all of it is ready; on failure everything is ended again. */
export const startFlyball = async (options: FlyballOptions): Promise<Flyball> => {
  const place = await createPlace();
  const api = await connectApi(options.kubeconfig);
  const ends: (() => Promise<unknown>)[] = [() => api.close(), () => place.leave()];
  const stop = async (): Promise<void> => {
    let failure: unknown;
    for (const end of ends.splice(0).toReversed()) {
      await end().catch((error: unknown) => {
        failure ??= error;
      });
    }
    if (failure !== undefined) throw failure;
  };
  try {
    const stores = await startStores(place.folder, place.env);
    ends.push(() => Promise.all([stores.redis.end(), stores.nats.end()]));
    const { kubeconfig, autoscaler = {}, asInstalled = false, settingsNamespace } = options;
    const system = await createSystemObjects(api, {
      ...{ kubeconfig, autoscaler, settingsNamespace, folder: place.folder, gatewayPort },
      installed: asInstalled ? onCluster : undefined,
    });
    ends.push(system.remove);
    const addresses = new Map<string, string>();
    const fleet = createFleet({ options, place, stores, system, addresses });
    ends.push(fleet.stop);
    for (const service of serviceNames) {
      const count = options.replicas?.[service] ?? 1;
      await Promise.all(Array.from({ length: count }, () => fleet.start(service)));
    }
    const untilReady = async (): Promise<void> => {
      await until('every service is ready', { limitMs: readyLimitMs }, async () => {
        return (await Promise.all(fleet.running.map(isReady))).every((ready) => ready);
      });
    };
    await untilReady();
    const gatewayUrl = `http://${addresses.values().next().value}:${gatewayPort}`;
    await writeRunRecord({ data: place.data, stores, gatewayUrl, domain });
    return {
      ...{ place, gatewayUrl, stores, untilReady, stop },
      settingsNamespace: system.settingsNamespace,
      activatorService: system.activators,
      autoscaler: system.autoscaler,
      replicas: (service) => fleet.running.filter((replica) => replica.service === service),
      kill: async (service, instance) => (await fleet.take(service, instance)).process.kill(),
      start: fleet.start,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    // Why it could not start matters more than what could not be ended.
    await stop().catch(() => undefined);
    throw error;
  }
};
