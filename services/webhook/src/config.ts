/** The webhook's settings. */
import {
  assertQueueProxyLimits,
  clusterSettings,
  defineConfig,
  integer,
  platformSettings,
  processSettings,
  queueProxySettings,
  text,
} from '@flyball/service';
import type { z } from 'zod';

const objectName = {
  pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  allowed: '<namespace>/<name>',
};
const dayMax = 3_650;

export const webhookConfig = defineConfig({
  ...processSettings,
  kubeconfig: clusterSettings.kubeconfig,
  configNamespaces: platformSettings.configNamespaces,
  listen: text({
    about: "Address for the API server's calls, by HTTPS; port 0 takes a free one.",
    fallback: '127.0.0.1:8443',
    pattern: /^\S+:\d{1,5}$/,
    allowed: 'host:port',
  }),
  webhookService: text({
    about: 'The Service through which the API server calls it: the name in the certificate.',
    fallback: 'flyball-system/webhook',
    ...objectName,
  }),
  certificateHosts: text({
    about: 'More names and addresses in the certificate, if it is called by a URL.',
    fallback: '',
    pattern: /^(|[^\s,]+(\s*,\s*[^\s,]+)*)$/,
    allowed: 'names and addresses with commas between, or none',
  }),
  certificateSecret: text({
    about: 'The Secret in which all replicas keep the certificate.',
    fallback: 'flyball-system/webhook-certificate',
    ...objectName,
  }),
  certificateDays: integer({
    about: 'How long a certificate and its authority are valid.',
    fallback: 365,
    min: 1,
    max: dayMax,
  }),
  renewDays: integer({
    about: 'How long before its end a certificate is renewed; less than its validity.',
    fallback: 60,
    min: 0,
    max: dayMax,
  }),
  certificateCheckMs: integer({
    about: 'How often the certificate, and the caBundles that trust it, are checked.',
    fallback: 60_000,
    min: 1_000,
    max: 86_400_000,
  }),
  webhookConfiguration: text({
    about: 'Name of the mutating and the validating webhook configuration that must trust it.',
    fallback: 'flyball-webhook',
    pattern: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
    allowed: 'the name of an object',
  }),
  queueProxyImage: text({
    about: 'Image of the queue-proxy.',
    fallback: 'flyball/queue-proxy:0.1.0',
    pattern: /^\S+$/,
    allowed: 'the name of an image',
  }),
  ...queueProxySettings,
}).superRefine(assertQueueProxyLimits);

export type WebhookConfig = Readonly<z.infer<typeof webhookConfig>>;
