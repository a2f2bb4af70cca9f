/** The webhook as two processes, asked by a real API server for one namespace only. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { freePort } from '@flyball/event-log/testing';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { until } from '../../e2e/harness/until.ts';
import type { ApiClient } from '../api/api-client.ts';
import { type ServiceReplica, startService } from '../harness/service-process.ts';
import { repositoryRoot } from '../node/commands.ts';

const manifest = 'infra/kubernetes/base/system/webhook/configurations.yaml';
const group = '/apis/admissionregistration.k8s.io/v1';
const trustLimitMs = 60_000;

const configurationSchema = z.looseObject({
  kind: z.enum(['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']),
  metadata: z.looseObject({ name: z.string() }),
  webhooks: z.array(
    z.looseObject({
      name: z.string(),
      clientConfig: z.object({ service: z.looseObject({ path: z.string() }) }),
      namespaceSelector: z.looseObject({}).optional(),
    }),
  ),
});
type Configuration = z.infer<typeof configurationSchema>;

/** The manifest's rules, for this namespace, and by a URL: there is no Service to be reached. */
const narrowed = (configuration: Configuration, namespace: string, url: string) => ({
  ...configuration,
  metadata: { name: namespace },
  webhooks: configuration.webhooks.map((webhook) => ({
    ...webhook,
    clientConfig: { url: `${url}${webhook.clientConfig.service.path}` },
    namespaceSelector: {
      ...webhook.namespaceSelector,
      matchLabels: { 'kubernetes.io/metadata.name': namespace },
    },
  })),
});

const pathOf = ({ kind }: Configuration): string => `${group}/${kind.toLowerCase()}s`;

export interface WebhookBed extends AsyncDisposable {
  /** Fingerprints of what the replicas serve now; the API server asks the first. */
  served(): Promise<readonly string[]>;
  /** Ends the processes; the rules stay. */
  end(): Promise<void>;
}

/** Of the certificate that is served at a port of 127.0.0.1. */
const fingerprintAt = async (port: number): Promise<string> => {
  // Whether it is trusted is for the API server to say.
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().fingerprint256;
  } finally {
    socket.destroy();
  }
};

const environment = (kubeconfig: string, namespace: string) => ({
  PATH: process.env.PATH ?? '',
  FLYBALL_KUBECONFIG: kubeconfig,
  FLYBALL_CERTIFICATE_HOSTS: '127.0.0.1',
  FLYBALL_CERTIFICATE_SECRET: `${namespace}/webhook-certificate`,
  FLYBALL_WEBHOOK_CONFIGURATION: namespace,
  FLYBALL_CONFIG_NAMESPACES: namespace,
  FLYBALL_CERTIFICATE_CHECK_MS: '1000',
});

/** Starts two replicas at once, and resolves when the API server trusts them. */
export const startWebhook = async (
  api: ApiClient,
  kubeconfig: string,
  namespace: string,
): Promise<WebhookBed> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-webhook-'));
  const ports = [await freePort(), await freePort()];
  const [port = 0] = ports;
  const text = await readFile(join(repositoryRoot, manifest), 'utf8');
  const configurations = parseAllDocuments(text).map((document) =>
    configurationSchema.parse(document.toJS()),
  );
  for (const configuration of configurations) {
    const url = `https://127.0.0.1:${port}`;
    await api.create(pathOf(configuration), narrowed(configuration, namespace, url));
  }
  const env = environment(kubeconfig, namespace);
  const remove = async (): Promise<void> => {
    for (const configuration of configurations) {
      await api.delete(`${pathOf(configuration)}/${namespace}`);
    }
    await rm(folder, { recursive: true, force: true });
  };
  const replicas: ServiceReplica[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(replicas.map(({ process }) => process.end()));
  };
  const start = async (own: number): Promise<void> => {
    const instance = `${namespace}-${own}`;
    const listen = { FLYBALL_LISTEN: `127.0.0.1:${own}` };
    replicas.push(
      await startService({ service: 'webhook', instance, folder, env: { ...env, ...listen } }),
    );
  };
  const areReady = async (): Promise<boolean> => {
    const answers = await Promise.all(
      replicas.map(({ healthUrl }) => fetch(`${healthUrl}/readyz`)),
    );
    return answers.every(({ status }) => status === 200);
  };
  try {
    await Promise.all(ports.map(start));
    const seen = () => Promise.all(replicas.map(({ process }) => process.lastLines()));
    await until('the API server trusts them', { limitMs: trustLimitMs, seen }, areReady);
  } catch (error) {
    await end();
    await remove();
    throw error;
  }
  return {
    served: () => Promise.all(ports.map(fingerprintAt)),
    end,
    [Symbol.asyncDispose]: async () => {
      await end();
      await remove();
    },
  };
};
