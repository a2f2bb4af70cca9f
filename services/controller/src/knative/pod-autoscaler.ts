/** The PodAutoscaler of a revision: where its settings are edited, and its scale is read. */
import { type AutoscalerConfig, formatComplaint, hasErrors, resolvePolicy } from '@flyball/knative';
import {
  type Condition,
  type Deployment,
  ownerReference,
  type TextMap,
} from '../objects/cluster-object.ts';
import { conditionsAfter, type Said } from './conditions.ts';
import {
  type PodAutoscaler,
  type PodAutoscalerStatus,
  podAutoscalerVersion,
} from './knative-service.ts';
import { servingLabelsOf } from './revision-services.ts';
import { managedByLabel, mark, privateServiceName, scalingAnnotations } from './serving-names.ts';

const limitOf = ({ metadata }: Deployment): number => {
  const limit = Number(metadata.annotations?.[mark.containerConcurrency] ?? '0');
  return Number.isSafeInteger(limit) && limit >= 0 ? limit : 0;
};

/** As it is made; its annotations are the user's from then on. It goes with its Deployment. */
export const podAutoscalerOf = (
  revision: string,
  deployment: Deployment,
  reachable: boolean,
): PodAutoscaler => {
  const { name, namespace = '', annotations } = deployment.metadata;
  return {
    apiVersion: podAutoscalerVersion,
    kind: 'PodAutoscaler',
    metadata: {
      name: revision,
      namespace,
      labels: { ...servingLabelsOf(deployment), ...managedByLabel },
      annotations: scalingAnnotations(annotations),
      ownerReferences: [
        ownerReference({ ...deployment, apiVersion: 'apps/v1', kind: 'Deployment' }),
      ],
    },
    spec: {
      containerConcurrency: limitOf(deployment),
      protocolType: 'http1',
      reachability: reachable ? 'Reachable' : 'Unreachable',
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    },
  };
};

/** The reason of a condition, and of an Event. */
export const invalidAnnotations = 'InvalidAnnotations';

/** What its annotations come to: in force, or refused with every reason. */
const verdictOf = (
  autoscaler: PodAutoscaler,
  { config, containerConcurrency }: { config: AutoscalerConfig; containerConcurrency: number },
): Said | undefined => {
  const { complaints } = resolvePolicy({
    config,
    annotations: scalingAnnotations(autoscaler.metadata.annotations),
    containerConcurrency,
  });
  if (!hasErrors(complaints)) return undefined;
  const errors = complaints.filter(({ severity }) => severity === 'error');
  const message = errors.map((one) => formatComplaint(one).replace('\n  ', ' ')).join('; ');
  return { status: 'False', reason: invalidAnnotations, message };
};

/** The settings that a Deployment shall have: of its PodAutoscaler, unless those are refused. */
export const settingsInForce = (
  deployment: Deployment,
  autoscaler: PodAutoscaler | undefined,
  config: AutoscalerConfig,
): TextMap => {
  const containerConcurrency = limitOf(deployment);
  const isTaken =
    autoscaler !== undefined &&
    verdictOf(autoscaler, { config, containerConcurrency }) === undefined;
  return scalingAnnotations((isTaken ? autoscaler : deployment).metadata.annotations);
};

const activeOf = (desired: number, actual: number): Said => {
  if (actual > 0) return { status: 'True' };
  if (desired === 0) {
    return { status: 'False', reason: 'NoTraffic', message: 'It has no pods, as nobody asks.' };
  }
  return { status: 'Unknown', reason: 'Queued', message: 'Requests wait while pods start.' };
};

/** Its status as its Deployment shows it. */
export const podAutoscalerStatus = (
  autoscaler: PodAutoscaler,
  deployment: Deployment,
  { config, nowMs, readyOnce }: { config: AutoscalerConfig; nowMs: number; readyOnce: boolean },
): PodAutoscalerStatus => {
  const desired = deployment.spec.replicas ?? 1;
  const actual = deployment.status?.readyReplicas ?? 0;
  const active = activeOf(desired, actual);
  const containerConcurrency = limitOf(deployment);
  const refused = verdictOf(autoscaler, { config, containerConcurrency });
  const initialized: Said = readyOnce
    ? { status: 'True' }
    : { status: 'Unknown', reason: 'Deploying', message: 'Its first pods are not ready yet.' };
  const said: Readonly<Record<string, Said>> = {
    Active: active,
    Ready: refused ?? active,
    ScaleTargetInitialized: initialized,
  };
  const before: readonly Condition[] = autoscaler.status?.conditions ?? [];
  const privateName = privateServiceName(autoscaler.metadata.name);
  return {
    observedGeneration: autoscaler.metadata.generation ?? 0,
    conditions: conditionsAfter(before, said, nowMs),
    serviceName: privateName,
    metricsServiceName: privateName,
    desiredScale: desired,
    actualScale: actual,
  };
};
