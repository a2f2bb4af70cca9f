/** What becomes of a queue-proxy that a Deployment asks for: pods are made where nobody is told. */
import {
  asksForQueueProxy,
  injectQueueProxy,
  podSchema,
  type QueueProxySettings,
} from '@flyball/platform/kubernetes';
import { z } from 'zod';

const annotations = z.record(z.string(), z.string()).nullish();
const deploymentSchema = z.looseObject({
  metadata: z.looseObject({ annotations }),
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({ annotations }).optional(),
      spec: z.looseObject({}),
    }),
  }),
});

const misplaced =
  'A queue-proxy is asked for on the Deployment, where its pods do not show it: ' +
  'flyball.dev/inject belongs under spec.template.metadata.annotations.';

/** Sentences for whoever applies it. */
export const injectionWarnings = (
  object: unknown,
  settings: QueueProxySettings,
): readonly string[] => {
  const read = deploymentSchema.safeParse(object);
  if (!read.success) return [];
  const { metadata, spec } = read.data;
  const own = metadata.annotations ?? {};
  const ofPods = spec.template.metadata?.annotations ?? {};
  const isAsked = asksForQueueProxy(ofPods, false);
  if (!isAsked) return asksForQueueProxy({ ...own, ...ofPods }, false) ? [misplaced] : [];
  const pod = podSchema.safeParse({ metadata: { annotations: ofPods }, spec: spec.template.spec });
  if (!pod.success) return [];
  const input = { pod: pod.data, deployment: own, namespaceAsks: false, settings };
  const injection = injectQueueProxy(input);
  if (injection.kind === 'none') return [];
  return injection.kind === 'refused'
    ? [`Its pods get no queue-proxy: ${injection.reason}`]
    : injection.warnings;
};
