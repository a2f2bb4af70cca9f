/** The webhook: certificate → trust → the port that the API server asks. */
import { type ClusterAccess, connectCluster } from '@flyball/platform/kubernetes';
import { countClusterCalls, defineService, type Life, sleep } from '@flyball/service';
import { type AdmissionServer, startAdmissionServer } from './admission/admission-server.ts';
import { createPodJudge } from './admission/judge-pod.ts';
import { createClusterReads } from './cluster-reads.ts';
import { type WebhookConfig, webhookConfig } from './config.ts';
import { createReviews } from './metrics.ts';
import { type KeptCertificate, keptCertificate } from './tls/kept-certificates.ts';
import { trustAuthorities } from './tls/trust.ts';
import { judgeSettings } from './validate/judge-settings.ts';

const hostsOf = ({ webhookService, certificateHosts }: WebhookConfig): readonly string[] => {
  const [namespace = '', name = ''] = webhookService.split('/');
  const service = `${name}.${namespace}.svc`;
  const others = certificateHosts.split(',').flatMap((host) => host.trim() || []);
  return [service, `${service}.cluster.local`, `${name}.${namespace}`, ...others];
};

const addressOf = (hostPort: string): { readonly host: string; readonly port: number } => {
  const colon = hostPort.lastIndexOf(':');
  const host = hostPort.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(hostPort.slice(colon + 1)) };
};

interface Parts {
  readonly config: WebhookConfig;
  readonly life: Life;
  readonly access: ClusterAccess;
}

const certificateOf = ({ config, life, access }: Parts): Promise<KeptCertificate> =>
  keptCertificate({
    access,
    secret: config.certificateSecret,
    hosts: hostsOf(config),
    days: config.certificateDays,
    renewDays: config.renewDays,
    nowMs: () => life.clock.nowMs(),
  });

const judgesOf = ({ config, life, access }: Parts) => {
  const { configNamespaces } = config;
  const reads = createClusterReads(access, configNamespaces, () => life.clock.monotonicMs());
  const parts = {
    settings: {
      image: config.queueProxyImage,
      cpu: config.queueProxyCpu,
      cpuMax: config.queueProxyCpuMax,
      memory: config.queueProxyMemory,
      memoryMax: config.queueProxyMemoryMax,
      keepAcceptingMs: config.keepAcceptingMs,
    },
    annotationsOf: reads.annotationsOf,
    warn: (what: object, why: string): void => life.logger.warn(what, why),
  };
  return {
    '/inject': createPodJudge(parts, false),
    '/inject-namespace': createPodJudge(parts, true),
    '/validate': (request: Parameters<typeof judgeSettings>[0]) =>
      judgeSettings(request, {
        readConfig: reads.autoscalerConfig,
        queueProxy: parts.settings,
      }),
  };
};

/** Trusted first, then served: at no time is a certificate served that nobody trusts yet. */
const followCertificate = async (
  parts: Parts,
  server: AdmissionServer,
  signal: AbortSignal,
): Promise<void> => {
  const { config, life, access } = parts;
  const condition = life.readiness('trust');
  let served = '';
  while (!signal.aborted) {
    try {
      const kept = await certificateOf(parts);
      const missing = await trustAuthorities(access, config.webhookConfiguration, kept.trusted);
      if (kept.certificate !== served) server.setCertificate(kept);
      served = kept.certificate;
      const isThere = missing.length === 0;
      condition.set(isThere, isThere ? 'trusted' : `there are no ${missing.join(' and no ')}`);
    } catch (error) {
      // What is served stays good until its end; the next look may find it otherwise.
      life.logger.warn({ err: error }, 'the certificate could not be looked at');
    }
    await sleep(life.clock, config.certificateCheckMs, signal);
  }
};

export const webhook = defineService({
  name: 'webhook',
  configSchema: webhookConfig,
  start: async (config: WebhookConfig, life) => {
    const { kubeconfig } = config;
    const onCall = countClusterCalls(life);
    const access = connectCluster({ kubeconfig, namespaces: [], onCall });
    life.onClose('cluster', () => access.close());
    const parts: Parts = { config, life, access };
    const certificate = await certificateOf(parts);
    const reviews = createReviews(life.metrics);
    const judges = judgesOf(parts);
    const server = await startAdmissionServer({
      ...addressOf(config.listen),
      certificate,
      judges,
      onAsked: (path, outcome) =>
        reviews.inc({ path: Object.hasOwn(judges, path) ? path : 'other', outcome }),
    });
    life.onClose('admission server', server.close);
    life.announce({ admissionPort: server.port });
    life.run('certificate', (signal) => followCertificate(parts, server, signal));
  },
});
