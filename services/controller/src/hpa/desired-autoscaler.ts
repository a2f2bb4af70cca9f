/** Which HorizontalPodAutoscaler a Deployment shall have. Pure. */
import {
  type AutoscalerConfig,
  formatComplaint,
  type HorizontalPodAutoscaler,
  hasErrors,
  horizontalPodAutoscalerOf,
  hpaClass,
  resolvePolicy,
} from '@flyball/knative';
import { isManaged, keptDeployment, namespaceEnabled } from '@flyball/platform/kubernetes';
import { servingLabelsOf } from '../knative/revision-services.ts';
import {
  managedByLabel,
  mark,
  scalingAnnotations,
  servingLabel,
} from '../knative/serving-names.ts';
import type { Deployment, TextMap } from '../objects/cluster-object.ts';
import { shortHash } from '../objects/json-values.ts';

export interface AutoscalerSurroundings {
  readonly config: AutoscalerConfig;
  readonly optIn: 'annotated' | 'all';
  /** Where Flyball itself runs. */
  readonly ownNamespace: string;
  /** What the Deployment's Namespace says. */
  readonly namespace: { readonly labels: TextMap; readonly annotations: TextMap } | undefined;
}

export type DesiredAutoscaler =
  | { readonly kind: 'wanted'; readonly autoscaler: HorizontalPodAutoscaler }
  /** Another class, or not ours: what we had made goes. */
  | { readonly kind: 'unwanted' }
  /** Its settings are wrong: what is there stays until they are right. */
  | { readonly kind: 'refused'; readonly message: string };

/** Of what was asked for last, so that what is asked for no more is seen. */
export const specHash = 'flyball.dev/spec-hash';

/** Knative's name: that of the revision; of other Deployments their own. */
export const autoscalerNameOf = ({ metadata }: Deployment): string =>
  metadata.labels?.[servingLabel.revision] ?? metadata.name;

/** Wanted by a Deployment that is ours and of class hpa. */
export const desiredAutoscaler = (
  deployment: Deployment,
  { config, optIn, ownNamespace, namespace }: AutoscalerSurroundings,
): DesiredAutoscaler => {
  const { uid, name, namespace: inNamespace = '' } = deployment.metadata;
  const kept = keptDeployment(deployment as unknown as Parameters<typeof keptDeployment>[0]);
  if (kept === undefined || uid === undefined) return { kind: 'unwanted' };
  const isOurs = isManaged({
    deployment: kept.enabled,
    namespace: inNamespace,
    inNamespace: namespace === undefined ? undefined : namespaceEnabled(namespace),
    ...{ optIn, ownNamespace },
  });
  if (!isOurs) return { kind: 'unwanted' };
  const annotations = scalingAnnotations(kept.annotations);
  const { policy, complaints } = resolvePolicy({ config, annotations });
  if (policy.class !== hpaClass) return { kind: 'unwanted' };
  if (hasErrors(complaints)) {
    const errors = complaints.filter(({ severity }) => severity === 'error');
    const message = errors.map((one) => formatComplaint(one).replace('\n  ', ' ')).join('; ');
    return { kind: 'refused', message };
  }
  const made = horizontalPodAutoscalerOf(policy, {
    namespace: inNamespace,
    name: autoscalerNameOf(deployment),
    deployment: name,
    labels: { ...servingLabelsOf(deployment), ...managedByLabel },
    annotations,
    reachable: deployment.metadata.annotations?.[mark.reachable] !== 'false',
    ownerUid: uid,
  });
  const marked = { ...made.metadata.annotations, [specHash]: shortHash(made.spec) };
  const metadata = { ...made.metadata, annotations: marked };
  return { kind: 'wanted', autoscaler: { ...made, metadata } };
};
