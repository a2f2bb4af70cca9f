/** A Flyball whose services have the rights of the manifests and no others, and a webhook. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../e2e/harness/until.ts';
import { objectsOf } from '../../manifests/rendered-overlay.ts';
import { type ApiClient, connectApi } from '../api/api-client.ts';
import { type Cluster, startCluster } from '../cluster/start-cluster.ts';
import { createAutoscalerSettings } from '../harness/autoscaler-settings.ts';
import { type Flyball, startFlyball } from '../harness/flyball.ts';
import { type ServiceReplica, startService } from '../harness/service-process.ts';
import { actAs } from './account.ts';
import { applyObject } from './apply-objects.ts';
import { type Asked, auditArguments, readAuditLog } from './audit-log.ts';

const limitMs = 60_000;
const system = 'flyball-system';
/** Node 15 of a cluster would have it. */
const webhookAddress = '10.244.239.7';
const accounts = ['watcher', 'actuator', 'controller', 'webhook'] as const;

const applied = new Set([
  ...['Namespace', 'ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  ...['Service', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
]);

export interface RightsScene {
  readonly api: ApiClient;
  readonly kubeconfig: string;
  readonly flyball: Flyball;
  /** Everything that the accounts have asked so far. */
  asked(): Promise<readonly Asked[]>;
  close(): Promise<void>;
}

/** No pods of ours run here: an address of the test stands for them. */
const lead = async (api: ApiClient, service: string, address: string, port: number) => {
  const conditions = { ready: true, serving: true, terminating: false };
  const labels = { 'kubernetes.io/service-name': service };
  const ports = [{ name: service === 'webhook' ? 'https' : 'http', port, protocol: 'TCP' }];
  await api.create(`/apis/discovery.k8s.io/v1/namespaces/${system}/endpointslices`, {
    metadata: { name: `${service}-of-the-test`, labels },
    ...{ addressType: 'IPv4', ports, endpoints: [{ addresses: [address], conditions }] },
  });
};

const startWebhook = async (api: ApiClient, folder: string, kubeconfig: string) => {
  const port = 8443;
  await lead(api, 'webhook', webhookAddress, port);
  const replica = await startService({
    ...{ service: 'webhook', instance: 'webhook-1', folder },
    env: {
      ...{ PATH: process.env.PATH ?? '', FLYBALL_KUBECONFIG: kubeconfig },
      ...{ FLYBALL_LISTEN: `${webhookAddress}:${port}`, FLYBALL_CERTIFICATE_CHECK_MS: '1000' },
    },
  });
  const seen = () => replica.process.lastLines();
  await until('the webhook is trusted', { limitMs, seen }, async () => {
    return (await fetch(`${replica.healthUrl}/readyz`)).ok;
  });
  return replica;
};

type Started = readonly [Cluster, ApiClient, Flyball, ServiceReplica];

const start = async (folder: string): Promise<Started> => {
  const more = { 'kube-apiserver': await auditArguments(folder) };
  const cluster = await startCluster({ folder, more });
  const { kubeconfig } = cluster;
  const api = await connectApi(kubeconfig);
  for (const object of objectsOf('production')) {
    if (applied.has(object.kind)) await applyObject(api, object);
  }
  await createAutoscalerSettings(api, 'knative-serving', {});
  const acting = accounts.map(
    async (name) =>
      [name, await actAs({ namespace: system, name }, { api, kubeconfig, folder })] as const,
  );
  const kubeconfigs = Object.fromEntries(await Promise.all(acting));
  const settingsOf = (name: string) => ({
    FLYBALL_KUBECONFIG: kubeconfigs[name] ?? '',
    FLYBALL_CONFIG_NAMESPACES: `${system},knative-serving`,
    FLYBALL_ACTIVATOR_SERVICE: `${system}/activator`,
    ...(name === 'controller' && {
      FLYBALL_QUEUE_PROXY_IMAGE: 'flyball/queue-proxy:test',
      FLYBALL_REVISIONS_KEPT: '0',
    }),
  });
  const flyball = await startFlyball({
    kubeconfig,
    settingsOf: {
      watcher: settingsOf('watcher'),
      actuator: settingsOf('actuator'),
      controller: settingsOf('controller'),
    },
  });
  const gateway = new URL(flyball.gatewayUrl);
  await lead(api, 'activator', gateway.hostname, Number(gateway.port));
  const webhook = await startWebhook(api, folder, kubeconfigs.webhook ?? '');
  return [cluster, api, flyball, webhook];
};

/** Opens it on a control plane of its own, which writes down what is asked. */
export const openRightsScene = async (): Promise<RightsScene> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-rights-'));
  await mkdir(folder, { recursive: true });
  const [cluster, api, flyball, webhook] = await start(folder);
  return {
    ...{ api, flyball, kubeconfig: cluster.kubeconfig },
    asked: () => readAuditLog(folder),
    close: async () => {
      await webhook.process.end();
      await flyball.stop();
      await api.close();
      await cluster.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
};
