/** The Deployment of a revision. */
import type { Policy } from '@flyball/contracts';
import { type Deployment, ownerReference } from '../objects/cluster-object.ts';
import { shortHash } from '../objects/json-values.ts';
import { type KnativeService, knativeServiceVersion } from './knative-service.ts';
import { type PodsOf, podTemplateOf, revisionLabels } from './pod-template.ts';
import {
  deploymentName,
  managedByLabel,
  mark,
  scalingAnnotations,
  servingLabel,
} from './serving-names.ts';
import { hasQueueProxy, type WithQueueProxy } from './with-queue-proxy.ts';

export interface RevisionOf extends PodsOf {
  readonly owner: KnativeService;
  readonly templateHash: string;
  /** What its annotations come to, laid over the cluster's config. */
  readonly policy: Policy;
  readonly withQueueProxy: WithQueueProxy;
}

/** As many pods as must be ready before a new revision takes traffic; 0 where none is wanted. */
export const requiredReady = ({ initialScale, minScale, maxScale }: Policy): number => {
  const wanted = Math.max(initialScale, minScale);
  return maxScale === 0 ? wanted : Math.min(wanted, maxScale);
};

/** The settings of scaling, and the two limits of its spec: by these the other parts learn them. */
const settingsOf = ({ manifest }: RevisionOf): Record<string, string> => ({
  ...scalingAnnotations(manifest.annotations),
  [mark.enabled]: 'true',
  [mark.containerConcurrency]: String(manifest.containerConcurrency),
  [mark.timeoutSeconds]: String(manifest.timeoutSeconds),
});

/** The Deployment as it is made; later its replicas are the actuator's. */
export const revisionDeployment = (revision: RevisionOf): Deployment => {
  const { owner, manifest, policy, templateHash } = revision;
  const settings = settingsOf(revision);
  const template = revision.withQueueProxy(podTemplateOf(revision), settings);
  const annotations = {
    ...settings,
    ...(hasQueueProxy(template) ? { [mark.queueProxy]: 'true' } : {}),
    [mark.templateHash]: templateHash,
    [mark.podHash]: shortHash(template),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: deploymentName(revision.revision),
      namespace: manifest.namespace,
      labels: { ...revisionLabels(revision), ...managedByLabel },
      annotations,
      ownerReferences: [
        ownerReference({ ...owner, apiVersion: knativeServiceVersion, kind: 'Service' }),
      ],
    },
    spec: {
      replicas: requiredReady(policy),
      progressDeadlineSeconds: Math.max(1, Math.round(policy.progressDeadlineMs / 1_000)),
      selector: { matchLabels: { [servingLabel.revision]: revision.revision } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      template,
    },
  };
};
