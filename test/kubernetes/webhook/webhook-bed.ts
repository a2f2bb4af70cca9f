/** The webhook as a process, asked by a real API server for one namespace only. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { until } from '../../e2e/harness/until.ts';
import type { ApiClient } from '../api/api-client.ts';
import { startService } from '../harness/service-process.ts';
import { freePort } from '../network/free-port.ts';
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
  /** Ends the process; the rules stay. */
  end(): Promise<void>;
}

/** Starts it, and resolves when the API server trusts it. */
export const startWebhook = async (
  api: ApiClient,
  kubeconfig: string,
  namespace: string,
): Promise<WebhookBed> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-webhook-'));
  const port = await freePort();
  const text = await readFile(join(repositoryRoot, manifest), 'utf8');
  const configurations = parseAllDocuments(text).map((document) =>
    configurationSchema.parse(document.toJS()),
  );
  for (const configuration of configurations) {
    const url = `https://127.0.0.1:${port}`;
    await api.create(pathOf(configuration), narrowed(configuration, namespace, url));
  }
  const env = {
    PATH: process.env.PATH ?? '',
    FLYBALL_KUBECONFIG: kubeconfig,
    FLYBALL_LISTEN: `127.0.0.1:${port}`,
    FLYBALL_CERTIFICATE_HOSTS: '127.0.0.1',
    FLYBALL_CERTIFICATE_SECRET: `${namespace}/webhook-certificate`,
    FLYBALL_WEBHOOK_CONFIGURATION: namespace,
    FLYBALL_CONFIG_NAMESPACES: namespace,
    FLYBALL_CERTIFICATE_CHECK_MS: '1000',
  };
  const remove = async (): Promise<void> => {
    for (const configuration of configurations) {
      await api.delete(`${pathOf(configuration)}/${namespace}`);
    }
    await rm(folder, { recursive: true, force: true });
  };
  const plan = { service: 'webhook', instance: namespace, folder, env };
  const replica = await startService(plan).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const seen = () => replica.process.lastLines();
  await until('the API server trusts it', { limitMs: trustLimitMs, seen }, async () => {
    const { status } = await fetch(`${replica.healthUrl}/readyz`);
    return status === 200;
  });
  return {
    end: () => replica.process.end(),
    [Symbol.asyncDispose]: async () => {
      await replica.process.end();
      await remove();
    },
  };
};
