/** The control plane of k3s in a container, without its own node: pods run on ours. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@flyball/event-log/testing';
import { podNetwork } from '../network/isolation.ts';

const image = 'rancher/k3s:v1.36.3-k3s1';
const startLimitMs = 300_000;
const kubeconfigInside = '/etc/rancher/k3s/k3s.yaml';

export interface K3s {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** Starts it on the machine's own network, where it reaches webhooks and pods as they are. */
export const startK3s = async (folder: string): Promise<K3s> => {
  // Loaded only where Docker is: it looks for it when it is loaded.
  const { GenericContainer, Wait } = await import('testcontainers');
  const port = await freePort();
  const container = await new GenericContainer(image)
    .withPrivilegedMode()
    .withNetworkMode('host')
    .withTmpFs({ '/run': 'rw', '/var/run': 'rw' })
    .withCommand([
      ...['server', '--disable-agent', '--bind-address=127.0.0.1'],
      ...[`--https-listen-port=${port}`, `--cluster-cidr=${podNetwork}`],
      ...['--disable=traefik,coredns,servicelb,local-storage,metrics-server'],
      '--disable-cloud-controller',
      // Webhooks are called at the addresses in EndpointSlices, and without going through a node.
      ...['--egress-selector-mode=disabled', '--kube-apiserver-arg=enable-aggregator-routing=true'],
    ])
    .withWaitStrategy(Wait.forLogMessage(/k3s is up and running/))
    .withStartupTimeout(startLimitMs)
    .start();
  const { output } = await container.exec(['cat', kubeconfigInside]);
  const kubeconfig = join(folder, 'k3s.kubeconfig');
  await writeFile(kubeconfig, output, { mode: 0o600 });
  return { kubeconfig, stop: async () => void (await container.stop()) };
};
