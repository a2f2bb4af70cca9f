/** The dev overlay as it is applied, with processes of this machine where images would be. */
import { join } from 'node:path';
import { freePort } from '@flyball/event-log/testing';
import { until } from '../../e2e/harness/until.ts';
import type { Bundles } from '../../integration/images/bundled-process.ts';
import {
  type ClusterObject,
  type Container,
  objectsOf,
  type Variable,
} from '../../manifests/rendered-overlay.ts';
import { type ApiClient, isStale } from '../api/api-client.ts';
import type { PartProcess } from '../control-plane/part-process.ts';
import { actAs } from './account.ts';
import { applyObject, removeObject } from './apply-objects.ts';
import { startNatsServers } from './nats-servers.ts';
import { startRedisServer } from './redis-server.ts';

const limitMs = 60_000;
const system = 'flyball-system';

/** Volumes and names of Services are more than the node of the tests has. */
const isLeftOut = ({ kind, metadata }: ClusterObject): boolean =>
  kind === 'StatefulSet' || metadata.name.includes('jaeger');

const isConsole = ({ kind, metadata }: ClusterObject): boolean =>
  kind === 'Deployment' && metadata.name === 'console';

const first = new Set([
  ...['Namespace', 'ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
]);

export interface InstallPlace {
  readonly api: ApiClient;
  readonly kubeconfig: string;
  readonly folder: string;
  readonly bundles: Bundles;
  /** Where Jaeger would take spans. */
  readonly jaegerUrl: string;
}

export interface Installed {
  readonly objects: readonly ClusterObject[];
  /** Where the console listens, on its pod. */
  readonly consoleUrl: string;
  remove(): Promise<void>;
}

interface Substitutes {
  /** What stands in the environment, by what it is here. */
  readonly addresses: readonly (readonly [as: string, here: string])[];
  /** The kubeconfig of an account, instead of the token that a pod would have. */
  readonly kubeconfigs: Readonly<Record<string, string>>;
  readonly bundles: Bundles;
}

/** All pods are of one machine here: what would listen on all addresses does on its pod's. */
const onItsPod = (variable: Variable): Variable =>
  variable.value === '0.0.0.0' || variable.value === '::'
    ? { name: variable.name, valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }
    : variable;

/** The same container as a process: its bundle, and the stores where they are. */
const asProcess = (container: Container, substitutes: Substitutes): Container => {
  const { addresses, kubeconfigs, bundles } = substitutes;
  const placed = (text: string): string =>
    addresses.reduce((value, [as, here]) => value.replace(as, here), text);
  const env = (container.env ?? []).map(onItsPod).map((variable) => ({
    ...variable,
    ...(variable.value !== undefined && { value: placed(variable.value) }),
  }));
  const { name } = container;
  const kubeconfig = { name: 'FLYBALL_KUBECONFIG', value: kubeconfigs[name] ?? '' };
  const secrets = { name: 'FLYBALL_SECRETS_NAMESPACE', value: system };
  return {
    ...container,
    command: ['node', join(bundles.folder, `${name}.mjs`)],
    env: [...env, kubeconfig, ...(name === 'set-up' ? [secrets] : [])],
  };
};

const withProcesses = (object: ClusterObject, substitutes: Substitutes): ClusterObject => {
  const { template, ...spec } = (object.spec ?? {}) as {
    readonly template?: { readonly spec: { readonly containers: readonly Container[] } };
  };
  if (template === undefined) return object;
  const containers = template.spec.containers.map((one) => asProcess(one, substitutes));
  return {
    ...object,
    spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } },
  };
};

const secretNamed = (api: ApiClient, name: string): Promise<Record<string, string>> =>
  until(`there is a Secret ${name}`, { limitMs }, async () => {
    try {
      const path = `/api/v1/namespaces/${system}/secrets/${name}`;
      const { data } = (await api.get(path)) as { data?: Record<string, string> };
      const entries = Object.entries(data ?? {});
      return Object.fromEntries(
        entries.map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
      );
    } catch (error) {
      if (isStale(error)) return undefined;
      throw error;
    }
  });

/** No name leads to it here: its pod's address does, which it has before it is ready. */
const consoleUrlOf = async (api: ApiClient): Promise<string> => {
  const labelSelector = 'app.kubernetes.io/name=console';
  const address = await until('the console has an address', { limitMs }, async () => {
    const { items } = await api.list(`/api/v1/namespaces/${system}/pods`, { labelSelector });
    const [pod] = items as readonly { readonly status?: { readonly podIP?: string } }[];
    return pod?.status?.podIP;
  });
  return `http://${address}:8080`;
};

/** Applies everything, and starts the stores as soon as there are passwords for them. */
export const install = async (place: InstallPlace): Promise<Installed> => {
  const { api, folder, bundles, jaegerUrl } = place;
  const whole = objectsOf('dev');
  const objects = whole.filter((object) => !isLeftOut(object));
  for (const object of objects.filter(({ kind }) => first.has(kind)))
    await applyObject(api, object);
  const acting = ['set-up', 'watcher', 'actuator', 'controller', 'webhook'].map(
    async (name) => [name, await actAs({ namespace: system, name }, place)] as const,
  );
  const [natsPort, redisPort] = [await freePort(), await freePort()];
  const kubeconfigs = Object.fromEntries(await Promise.all(acting));
  const stores = [
    ['//nats:4222', `//127.0.0.1:${natsPort}`],
    ['@redis:6379', `@127.0.0.1:${redisPort}`],
    ['http://jaeger:4318', jaegerUrl],
  ] as const;
  const apply = async (some: readonly ClusterObject[], addresses: Substitutes['addresses']) => {
    const substitutes = { addresses, kubeconfigs, bundles };
    for (const object of some) await applyObject(api, withProcesses(object, substitutes));
  };
  const rest = objects.filter(({ kind }) => !first.has(kind));
  await apply(rest.filter(isConsole), stores);
  const consoleUrl = await consoleUrlOf(api);
  const others = rest.filter((object) => !isConsole(object));
  await apply(others, [...stores, ['http://console:8080', consoleUrl]]);
  const servers: PartProcess[] = [];
  const users = await secretNamed(api, 'nats-users');
  servers.push(...(await startNatsServers({ objects: whole, folder, users, ports: [natsPort] })));
  const secret = await secretNamed(api, 'redis-password');
  servers.push(await startRedisServer({ objects, folder, secret, port: redisPort }));
  return {
    ...{ objects, consoleUrl },
    remove: async () => {
      // What is in a namespace goes with it.
      const roots = objects.filter(({ metadata }) => metadata.namespace === undefined);
      for (const object of roots.toReversed()) await removeObject(api, object);
      await Promise.all(servers.map((server) => server.kill()));
    },
  };
};
