/** A HorizontalPodAutoscaler → a Deployment of class `hpa`. */
import { hpaClass } from '@flyball/knative';
import {
  type ForeignObject,
  nameOf,
  type Surroundings,
  shapeFault,
  templateAnnotations,
} from './foreign-object.ts';
import { readHpaBehavior } from './hpa-behavior.ts';
import { readHpaMetrics } from './hpa-metrics.ts';
import { type HpaSpec, readHpaSpec } from './hpa-spec.ts';
import { enabled, scalingKey, settle } from './settled-annotations.ts';
import { shadowedNotes } from './shadowed.ts';
import { deploymentName, type Loss, lossOf, refusal, type Translation } from './translation.ts';

/** KEDA, Knative and Flyball make HorizontalPodAutoscalers: those are theirs to change. */
const makers = ['ScaledObject', 'PodAutoscaler', 'Deployment'];

/** Was it made for another object, which says how it scales? */
export const isMadeForAnother = ({ metadata }: ForeignObject): boolean =>
  (metadata.ownerReferences ?? []).some(({ kind }) => makers.includes(kind));

const oldMetricsKey = 'autoscaling.alpha.kubernetes.io/metrics';
const oldBehaviorKey = 'autoscaling.alpha.kubernetes.io/behavior';

/** In v1 what v2 can say more is kept in annotations. */
const oldLosses = ({ apiVersion, metadata }: ForeignObject): Loss[] =>
  apiVersion !== 'autoscaling/v1'
    ? []
    : [oldMetricsKey, oldBehaviorKey].flatMap((key) => {
        const value = metadata.annotations?.[key];
        const message =
          'This is what autoscaling/v1 cannot say: import it again as ' +
          '`kubectl get hpa.v2.autoscaling -o yaml`.';
        return value === undefined ? [] : [lossOf(`metadata.annotations.${key}`, value, message)];
      });

const wantedOf = (spec: HpaSpec, losses: Loss[]): Record<string, string> => {
  const { chosen, losses: metricLosses } = readHpaMetrics(spec.metrics ?? []);
  const { windowSeconds, losses: behaviorLosses } = readHpaBehavior(spec.behavior);
  losses.push(...metricLosses, ...behaviorLosses);
  return {
    ...enabled,
    [scalingKey('class')]: hpaClass,
    ...(chosen === undefined
      ? {}
      : {
          [scalingKey('metric')]: chosen.metric,
          [scalingKey('target')]: String(chosen.target),
        }),
    ...(windowSeconds === undefined ? {} : { [scalingKey('window')]: `${windowSeconds}s` }),
    [scalingKey('min-scale')]: String(spec.minReplicas ?? 1),
    [scalingKey('max-scale')]: String(spec.maxReplicas),
  };
};

const kubernetesDefault =
  'Without a metric that class hpa has, Kubernetes scales it by 80 % of the processor.';
const byRequests =
  'Class hpa scales it as before, through a HorizontalPodAutoscaler that Flyball makes and owns. ' +
  'To scale it by its requests instead, leave out class and metric, let ' +
  `${scalingKey('target')} be the requests in flight that one pod can take, and make its ` +
  'Services public first (flyball.dev/deployment, no selector): what goes past the activators is ' +
  'not counted, and without load it goes to its min scale.';

/** What a HorizontalPodAutoscaler becomes. */
export const translateHpa = (object: ForeignObject, around: Surroundings): Translation => {
  const from = nameOf(object);
  const read = readHpaSpec(object.apiVersion, object.spec);
  if (!read.success) return refusal(from, `It cannot be read: ${shapeFault(read.error)}.`);
  const { scaleTargetRef: target } = read.data;
  if (target.kind !== 'Deployment' || !target.apiVersion.startsWith('apps/')) {
    const what = `${target.kind} ${target.name} (${target.apiVersion})`;
    return refusal(from, `It scales ${what}; Flyball scales Deployments of apps/v1.`);
  }
  const losses = oldLosses(object);
  const settled = settle(wantedOf(read.data, losses));
  const deployment = deploymentName(from.namespace, target.name);
  const hasMetric = scalingKey('metric') in settled.annotations;
  const annotated = templateAnnotations(around.deployments.get(`${from.namespace}/${target.name}`));
  return {
    from,
    workload: `${from.namespace}/${target.name}`,
    refused: null,
    annotations: settled.annotations,
    losses: [...losses, ...settled.losses],
    notes: [
      ...settled.notes,
      ...shadowedNotes(settled.annotations, annotated),
      ...(hasMetric || (read.data.metrics ?? []).length === 0 ? [] : [kubernetesDefault]),
      byRequests,
    ],
    steps: [
      {
        action: 'delete',
        object: from,
        why: 'Two that write the replicas would fight. They stay as they are meanwhile.',
      },
      {
        action: 'patch',
        object: deployment,
        patch: { metadata: { annotations: settled.annotations } },
        why: 'Give the Deployment its settings; no pod is started anew.',
      },
    ],
  };
};
