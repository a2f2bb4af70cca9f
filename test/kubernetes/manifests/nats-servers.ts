/** The servers of NATS as the manifests configure them, on loopback instead of in pods. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { availableNatsServers, freePort } from '@flyball/event-log/testing';
import { environmentOf } from '../../manifests/container-environment.ts';
import { type ClusterObject, podsOf } from '../../manifests/rendered-overlay.ts';
import { type PartProcess, startProcess } from '../control-plane/part-process.ts';

export interface NatsPlan {
  /** Of an overlay. */
  readonly objects: readonly ClusterObject[];
  readonly folder: string;
  /** What the Secret of its users holds. */
  readonly users: Readonly<Record<string, string>>;
  /** For clients, of each server. */
  readonly ports: readonly number[];
}

interface ServerPlan extends NatsPlan {
  readonly index: number;
  readonly clusterPorts: readonly number[];
  readonly monitorPort: number;
}

const configurationIn = (objects: readonly ClusterObject[]): Readonly<Record<string, string>> => {
  const found = objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('nats-configuration'),
  );
  return (found?.data ?? {}) as Readonly<Record<string, string>>;
};

/** Pods have addresses of their own; here servers differ by their ports. */
const onLoopback = (text: string, plan: ServerPlan): string => {
  const { ports, clusterPorts, monitorPort, index, folder } = plan;
  return text
    .replace('port: 4222', `listen: "127.0.0.1:${ports[index]}"`)
    .replace('http_port: 8222', `http: "127.0.0.1:${monitorPort}"`)
    .replace('port: 6222', `listen: "127.0.0.1:${clusterPorts[index]}"`)
    .replace('"/data"', JSON.stringify(join(folder, `data-${index}`)));
};

const environment = ({ objects, users, clusterPorts, index }: ServerPlan) => {
  const nats = podsOf(objects).find(({ owner }) => owner.metadata.name === 'nats');
  const [container] = nats?.pod.containers ?? [];
  if (container === undefined) throw new Error('The manifests run no NATS.');
  const fields = { 'metadata.name': `nats-${index}` };
  const told = environmentOf(container, { fields, secret: () => users });
  const route = /nats-(\d)\.nats-servers:6222/;
  return Object.fromEntries(
    Object.entries(told).map(([name, value]) => [
      name,
      value.replace(route, (_, server) => `127.0.0.1:${clusterPorts[Number(server)]}`),
    ]),
  );
};

const startServer = async (plan: ServerPlan): Promise<PartProcess> => {
  const binary = (await availableNatsServers()).at(-1);
  if (binary === undefined) throw new Error('No nats-server is installed: `npm run setup`.');
  const folder = join(plan.folder, `nats-${plan.index}`);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(configurationIn(plan.objects))) {
    await writeFile(join(folder, name), onLoopback(text, plan));
  }
  return startProcess({
    ...{ name: `nats-${plan.index}`, folder, program: binary.path },
    args: ['--config', join(folder, 'nats.conf')],
    env: environment(plan),
  });
};

/** Starts one server for each port; ends with the test's process. */
export const startNatsServers = async (plan: NatsPlan): Promise<readonly PartProcess[]> => {
  const clusterPorts = await Promise.all(plan.ports.map(freePort));
  const monitorPorts = await Promise.all(plan.ports.map(freePort));
  return Promise.all(
    monitorPorts.map((monitorPort, index) =>
      startServer({ ...plan, index, clusterPorts, monitorPort }),
    ),
  );
};
