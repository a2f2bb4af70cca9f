/** How the objects of a Knative Service are named and marked: Knative's words, and ours. */
import { autoscalingPrefix, flyballPrefix } from '@flyball/knative';
import type { TextMap } from '../objects/cluster-object.ts';
import { shortHash } from '../objects/json-values.ts';

/** Labels by which Knative's own tools find what belongs together. */
export const servingLabel = {
  service: 'serving.knative.dev/service',
  configuration: 'serving.knative.dev/configuration',
  revision: 'serving.knative.dev/revision',
  generation: 'serving.knative.dev/configurationGeneration',
} as const;

/** On every object that the controller makes. */
export const managedByLabel = { 'app.kubernetes.io/managed-by': 'flyball.dev' } as const;

/** What the controller writes down on objects for itself and for the other parts. */
export const mark = {
  enabled: `${flyballPrefix}enabled`,
  /** `"false"` on a Deployment that no traffic goes to. */
  reachable: `${flyballPrefix}reachable`,
  containerConcurrency: `${flyballPrefix}container-concurrency`,
  timeoutSeconds: `${flyballPrefix}timeout-seconds`,
  queueProxy: `${flyballPrefix}queue-proxy`,
  /** Of the Service's template that a revision was made from. */
  templateHash: `${flyballPrefix}template-hash`,
  /** Of the pods as they were last written, so that a change of settings is seen. */
  podHash: `${flyballPrefix}pod-hash`,
  /** On a public Service: the Deployment that its requests go to. */
  deployment: `${flyballPrefix}deployment`,
  hosts: `${flyballPrefix}hosts`,
  /** On a public Service: where its requests go now, activator or pods. */
  routing: `${flyballPrefix}routing`,
} as const;

const progressDeadline = 'serving.knative.dev/progress-deadline';

/** Ours to write on a revision's objects, whatever a template or a user says. */
const written: ReadonlySet<string> = new Set([
  mark.enabled,
  mark.reachable,
  mark.containerConcurrency,
  mark.timeoutSeconds,
  mark.queueProxy,
  mark.templateHash,
  mark.podHash,
]);

/** Is the annotation a setting of scaling: of the Deployment and its PodAutoscaler, not of pods? */
export const isScalingAnnotation = (key: string): boolean =>
  key.startsWith(autoscalingPrefix) || key.startsWith(flyballPrefix) || key === progressDeadline;

/** The settings of scaling among annotations, without those that the controller writes itself. */
export const scalingAnnotations = (annotations: TextMap | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations ?? {}).filter(
      ([key]) => isScalingAnnotation(key) && !written.has(key) && !key.startsWith(statusPrefix),
    ),
  );

/** What is reported on an object says how it is; it sets nothing. */
const statusPrefix = `${flyballPrefix}status-`;

/** The longest name that a Service may have, and the longest value of a label. */
const longestName = 63;
const hashDigits = 8;

/**
 * The name of what belongs to another object: both together, or where that is too long, its
 * beginning and a hash of all of it.
 */
const childName = (parent: string, suffix: string): string => {
  const plain = `${parent}${suffix}`;
  if (plain.length <= longestName) return plain;
  const hash = `-${shortHash(parent).slice(0, hashDigits)}`;
  return `${parent.slice(0, longestName - hash.length - suffix.length)}${hash}${suffix}`;
};

const numberDigits = 5;

/** `autoscale-go-00001`. */
export const revisionName = (service: string, number: number): string =>
  childName(service, `-${String(number).padStart(numberDigits, '0')}`);

/** `autoscale-go-00001-deployment`. */
export const deploymentName = (revision: string): string => childName(revision, '-deployment');

/** `autoscale-go-00001-private`. */
export const privateServiceName = (revision: string): string => childName(revision, '-private');

/** `autoscale-go.default.example.com`. */
export const hostOf = (
  { name, namespace }: { readonly name: string; readonly namespace: string },
  domain: string,
): string => `${name}.${namespace}.${domain}`;
