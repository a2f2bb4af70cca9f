/** /inject: the pod as it is to be, as a patch; whatever goes wrong, the pod is let through. */
import type { Annotations } from '@flyball/knative';
import {
  asksForQueueProxy,
  deploymentOf,
  injectQueueProxy,
  type Pod,
  podSchema,
  type QueueProxySettings,
} from '@flyball/platform/kubernetes';
import { createPatch } from 'rfc6902';
import type { Judge } from './admission-server.ts';
import type { AdmissionRequest, Verdict } from './review.ts';

export interface PodJudgeParts {
  readonly settings: QueueProxySettings;
  /** A Deployment's annotations; rejects when they cannot be had. */
  readonly annotationsOf: (namespace: string, deployment: string) => Promise<Annotations>;
  readonly warn: (what: { readonly namespace: string; readonly pod: string }, why: string) => void;
}

const nameOf = ({ metadata }: Pod): string => metadata.name ?? `${metadata.generateName ?? ''}…`;

const refusal = (why: string): Verdict => ({
  allowed: true,
  warnings: [`No queue-proxy is added: ${why}`],
});

/** Those of the Deployment are read only for pods that ask by themselves or by their Namespace. */
const readAnnotations = async (
  { annotationsOf }: PodJudgeParts,
  namespace: string,
  pod: Pod,
): Promise<{ annotations: Annotations; warnings: readonly string[] }> => {
  const deployment = deploymentOf(pod);
  if (deployment === undefined) return { annotations: {}, warnings: [] };
  try {
    return { annotations: await annotationsOf(namespace, deployment), warnings: [] };
  } catch (error) {
    const why = (error as Error).message;
    const warning = `The annotations of ${deployment} cannot be read, only its pods': ${why}`;
    return { annotations: {}, warnings: [warning] };
  }
};

/** `namespaceAsks`: the API server asks by the rule that goes by the Namespace. */
export const createPodJudge =
  (parts: PodJudgeParts, namespaceAsks: boolean): Judge =>
  async (request: AdmissionRequest): Promise<Verdict> => {
    const read = podSchema.safeParse(request.object);
    if (!read.success) return refusal('the pod cannot be read.');
    const pod = read.data;
    const { namespace } = request;
    if (!asksForQueueProxy(pod.metadata.annotations ?? {}, namespaceAsks)) return { allowed: true };
    const { annotations, warnings } = await readAnnotations(parts, namespace, pod);
    for (const warning of warnings) parts.warn({ namespace, pod: nameOf(pod) }, warning);
    const { settings } = parts;
    const injection = injectQueueProxy({ pod, deployment: annotations, namespaceAsks, settings });
    if (injection.kind === 'none') return { allowed: true };
    if (injection.kind === 'refused') {
      parts.warn({ namespace, pod: nameOf(pod) }, injection.reason);
      return refusal(injection.reason);
    }
    return {
      allowed: true,
      warnings: [...warnings, ...injection.warnings],
      patch: createPatch(pod, injection.pod),
    };
  };
