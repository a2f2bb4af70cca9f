/** The dev overlay as it is applied, with processes of this machine where images would be. */
import { join } from 'node:path';
import { freePort } from '@flyball/event-log/testing';
import { until } from '../../e2e/harness/until.ts';
import type { Bundles } from '../../integration/images/bundled-process.ts';
import { type ClusterObject, type Container, objectsOf } from '../../manifests/rendered-overlay.ts';
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
  kind === 'StatefulSet' || metadata.name.startsWith('jaeger');

const first = new Set([
  ...['Namespace', 'ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
]);

export interface InstallPlace {
  readonly api: ApiClient;
  readonly kubeconfig: string;
  readonly folder: string;
  readonly bundles: Bundles;
}

export interface Installed {
  readonly objects: readonly ClusterObject[];
  remove(): Promise<void>;
}

interface Substitutes {
  readonly natsPort: number;
  readonly redisPort: number;
  /** The kubeconfig of an account, instead of the token that a pod would have. */
  readonly kubeconfigs: Readonly<Record<string, string>>;
  readonly bundles: Bundles;
}

/** The same container as a process: its bundle, and the stores where they are. */
const asProcess = (container: Container, substitutes: Substitutes): Container => {
  const { natsPort, redisPort, kubeconfigs, bundles } = substitutes;
  const env = (container.env ?? []).map((variable) => ({
    ...variable,
    ...(variable.value !== undefined && {
      value: variable.value
        .replace('//nats:4222', `//127.0.0.1:${natsPort}`)
        .replace('@redis:6379', `@127.0.0.1:${redisPort}`),
    }),
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

/** Applies everything, and starts the stores as soon as there are passwords for them. */
export const install = async (place: InstallPlace): Promise<Installed> => {
  const { api, folder, bundles } = place;
  const whole = objectsOf('dev');
  const objects = whole.filter((object) => !isLeftOut(object));
  for (const object of objects.filter(({ kind }) => first.has(kind)))
    await applyObject(api, object);
  const acting = ['set-up', 'watcher', 'actuator', 'controller', 'webhook'].map(
    async (name) => [name, await actAs({ namespace: system, name }, place)] as const,
  );
  const [natsPort, redisPort] = [await freePort(), await freePort()];
  const kubeconfigs = Object.fromEntries(await Promise.all(acting));
  const substitutes = { natsPort, redisPort, kubeconfigs, bundles };
  for (const object of objects.filter(({ kind }) => !first.has(kind))) {
    await applyObject(api, withProcesses(object, substitutes));
  }
  const stores: PartProcess[] = [];
  const users = await secretNamed(api, 'nats-users');
  stores.push(...(await startNatsServers({ objects: whole, folder, users, ports: [natsPort] })));
  const secret = await secretNamed(api, 'redis-password');
  stores.push(await startRedisServer({ objects, folder, secret, port: redisPort }));
  return {
    objects,
    remove: async () => {
      // What is in a namespace goes with it.
      const roots = objects.filter(({ metadata }) => metadata.namespace === undefined);
      for (const object of roots.toReversed()) await removeObject(api, object);
      await Promise.all(stores.map((store) => store.kill()));
    },
  };
};
