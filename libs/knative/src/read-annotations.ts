/** Reads a workload's annotations one by one: their values, and what is wrong with each. */
import {
  type AnnotationField,
  type Annotations,
  type AnnotationValues,
  annotationKeys,
  annotationSettings,
  annotationSpellings,
  autoscalingPrefix,
  findAnnotation,
  flyballPrefix,
} from './annotation-settings.ts';
import { type AutoscalerConfig, autoscalerKeys } from './autoscaler-config.ts';
import { type Complaint, complaintAt, type Locate } from './complaint.ts';
import { folded, nearestKey } from './nearest-key.ts';
import { isPlatformAnnotation } from './platform-annotations.ts';
import { type Behaviour, readSetting } from './setting.ts';

type Partially = { -readonly [F in AnnotationField]?: AnnotationValues[F] };

export interface ReadAnnotations {
  /** Values that validation lets through. */
  readonly values: Readonly<Partially>;
  /** Values as Knative uses them when nobody validated: all that can be read and held. */
  readonly lenient: Readonly<Partially>;
  readonly behaviour: Behaviour;
  readonly complaints: readonly Complaint[];
}

const fields = Object.keys(annotationSettings) as AnnotationField[];

/** The rules in force for a workload: its annotation, else the cluster's. */
const behaviourOf = (annotations: Annotations, config: AutoscalerConfig): Behaviour => {
  const found = findAnnotation(annotations, annotationSettings.behaviour);
  const asked = found && annotationSettings.behaviour.parse(found.text);
  return asked ?? config.behaviour;
};

/** Reads every annotation that is known; unknown keys of our prefixes are warned of. */
export const readAnnotations = (
  annotations: Annotations,
  config: AutoscalerConfig,
  locate: Locate,
): ReadAnnotations => {
  const behaviour = behaviourOf(annotations, config);
  const values: Partially = {};
  const lenient: Partially = {};
  const complaints: Complaint[] = [];
  const readField = <F extends AnnotationField>(field: F): void => {
    const setting = annotationSettings[field];
    const found = findAnnotation(annotations, setting);
    if (found === undefined) return;
    const reading = readSetting(setting, { ...found, place: locate(found.key), behaviour });
    complaints.push(...reading.complaints, ...givenTwice(annotations, setting, locate));
    if (reading.value !== undefined) values[field] = reading.value;
    if (reading.lenient !== undefined) lenient[field] = reading.lenient;
  };
  for (const field of fields) readField(field);
  complaints.push(...unknownKeys(annotations, locate));
  return { values, lenient, behaviour, complaints };
};

const givenTwice = (
  annotations: Annotations,
  setting: { readonly key: string; readonly camelKey?: string },
  locate: Locate,
): Complaint[] => {
  const { key, camelKey } = setting;
  if (camelKey === undefined || camelKey === key || !Object.hasOwn(annotations, camelKey)) {
    return [];
  }
  if (!Object.hasOwn(annotations, key)) return [];
  return [
    complaintAt(locate(camelKey), {
      severity: 'warning',
      key: camelKey,
      value: annotations[camelKey] ?? '',
      message: `${camelKey} is ignored, because ${key} is given as well.`,
      allowed: 'one of the two',
    }),
  ];
};

const unknownKeys = (annotations: Annotations, locate: Locate): Complaint[] =>
  Object.entries(annotations).flatMap(([key, value]) => {
    const ours = key.startsWith(autoscalingPrefix) || key.startsWith(flyballPrefix);
    if (!ours || annotationSpellings.has(key) || isPlatformAnnotation(key)) return [];
    return [complaintAt(locate(key), { severity: 'warning', key, value, ...unknownKey(key) })];
  });

/** Keys that are found in the wild and never existed, where the nearest name would mislead. */
const neverExisted: Readonly<Record<string, string>> = {
  scaleupdelay: 'pods are added at the next decision, nothing delays that',
  scaleupwindow: 'pods are added at the next decision, nothing delays that',
  scaledownwindow: 'scale-down-delay is the time for which pods are kept',
  cooldownperiod: 'scale-down-delay and scale-to-zero-pod-retention-period keep pods',
  pollinginterval: 'requests are counted every second',
};

const unknownKey = (key: string): { message: string; didYouMean?: string | undefined } => {
  const name = key.slice(key.indexOf('/') + 1);
  const why = neverExisted[folded(name)];
  if (why !== undefined) return { message: `${key} does not exist: ${why}.` };
  const known = annotationKeys.find((other) => nameOf(other) === folded(name));
  const clusterWide = autoscalerKeys.find((other) => folded(other) === folded(name));
  if (known === undefined && clusterWide !== undefined) {
    const message = `${key} does not exist; it is set for all workloads in config-autoscaler.`;
    return { message, didYouMean: `${clusterWide} in the ConfigMap config-autoscaler` };
  }
  const nearestName = nearestKey(
    name,
    annotationKeys.map((other) => other.slice(other.indexOf('/') + 1)),
  );
  const nearest = annotationKeys.find((other) => other.endsWith(`/${nearestName}`));
  return { message: `${key} is not a known annotation and has no effect.`, didYouMean: nearest };
};

const nameOf = (key: string): string => folded(key.slice(key.indexOf('/') + 1));
