/** Other autoscalers that write the replicas of a Deployment of ours. Pure. */
import { type Check, failed } from '../check.ts';
import { type ClusterSight, keyOf, type ScalerObject } from './cluster-object.ts';
import { orPassed } from './findings.ts';
import type { Managed } from './managed-deployments.ts';

const part = 'other autoscalers';
const managedByLabel = 'app.kubernetes.io/managed-by';
const pausedKeys = ['autoscaling.keda.sh/paused', 'autoscaling.keda.sh/paused-replicas'];

/** The Deployment that it scales; undefined: something else. */
const targetOf = ({ metadata, spec }: ScalerObject): string | undefined => {
  const { kind = 'Deployment', apiVersion = 'apps/v1', name } = spec?.scaleTargetRef ?? {};
  if (kind !== 'Deployment' || !apiVersion.startsWith('apps/') || name === undefined) {
    return undefined;
  }
  return `${metadata.namespace}/${name}`;
};

const isOwnedBy = ({ metadata }: ScalerObject, kind: string): boolean =>
  (metadata.ownerReferences ?? []).some((owner) => owner.kind === kind);

const isPaused = ({ metadata }: ScalerObject): boolean =>
  pausedKeys.some((key) => (metadata.annotations?.[key] ?? 'false') !== 'false');

/** Those that stand for themselves: not ours, and not made by one that is told anyhow. */
const fightersIn = (sight: ClusterSight): readonly (readonly [string, ScalerObject])[] => {
  const autoscalers = sight.autoscalers.filter(
    (hpa) =>
      hpa.metadata.labels?.[managedByLabel] !== 'flyball.dev' && !isOwnedBy(hpa, 'ScaledObject'),
  );
  const scaled = sight.scaledObjects.filter(
    (one) => !isPaused(one) && !isOwnedBy(one, 'HTTPScaledObject'),
  );
  const http = sight.httpScaledObjects.filter((one) => !isPaused(one));
  return [
    ...autoscalers.map((one) => ['HorizontalPodAutoscaler', one] as const),
    ...scaled.map((one) => ['ScaledObject', one] as const),
    ...http.map((one) => ['HTTPScaledObject', one] as const),
  ];
};

const mendOf = (kind: string, object: ScalerObject): string => {
  const { namespace, name } = object.metadata;
  const remove = `kubectl delete --namespace ${namespace} ${kind.toLowerCase()} ${name}`;
  if (kind === 'ScaledObject') {
    return `Pause it (autoscaling.keda.sh/paused: "true") or remove it: \`${remove}\`.`;
  }
  const first = `\`flyball import --namespace ${namespace}\` says what it becomes`;
  return `${first}; then \`${remove}\`. Or leave it: annotate flyball.dev/enabled: "false".`;
};

/** Two that write the replicas undo each other's work for ever. */
export const checkAutoscalers = (sight: ClusterSight, managed: readonly Managed[]): Check[] => {
  const keys = new Set(managed.map(({ key }) => key));
  const findings = fightersIn(sight).flatMap(([kind, object]) => {
    const target = targetOf(object);
    if (target === undefined || !keys.has(target)) return [];
    const found = `${kind} ${keyOf(object)} scales Deployment ${target}, and so does Flyball`;
    return [failed(part, found, mendOf(kind, object))];
  });
  return orPassed(findings, part, `none scales one of our ${managed.length}`);
};
