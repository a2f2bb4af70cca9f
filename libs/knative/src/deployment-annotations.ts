/** What a Deployment's annotations say to us: ours among them, and the limits of its pods. */
import {
  type Annotations,
  annotationSettings,
  annotationSpellings,
  autoscalingPrefix,
  defaultTimeoutSeconds,
  findAnnotation,
  flyballPrefix,
} from './annotation-settings.ts';

/** Written by us for people to read; no setting. */
const statusPrefix = `${flyballPrefix}status-`;

const isSetting = (key: string): boolean =>
  key.startsWith(autoscalingPrefix) ||
  annotationSpellings.has(key) ||
  (key.startsWith(flyballPrefix) && !key.startsWith(statusPrefix));

/** Settings of the pod template over those of the Deployment; what is not ours is left out. */
export const settingsAnnotated = (
  deployment: Annotations | undefined,
  template: Annotations | undefined,
): Annotations =>
  Object.fromEntries(
    Object.entries({ ...deployment, ...template }).filter(([key]) => isSetting(key)),
  );

/** On a Deployment, its pod template or its Namespace. */
export const enabledAnnotation = annotationSettings.enabled.key;

/** What that annotation says; undefined for nothing, and for what is neither yes nor no. */
export const enabledBy = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : annotationSettings.enabled.parse(text);

const limit = (
  annotations: Annotations,
  field: 'containerConcurrency' | 'timeoutSeconds',
): number | undefined => {
  const setting = annotationSettings[field];
  const found = findAnnotation(annotations, setting);
  const value = found && setting.parse(found.text);
  return value !== undefined && setting.accepts(value) ? value : undefined;
};

/** Requests in flight per pod (0: no limit) and the time of one; what is wrong is as if absent. */
export const limitsAnnotated = (
  annotations: Annotations,
): { readonly containerConcurrency: number; readonly timeoutSeconds: number } => ({
  containerConcurrency: limit(annotations, 'containerConcurrency') ?? 0,
  timeoutSeconds: limit(annotations, 'timeoutSeconds') ?? defaultTimeoutSeconds,
});
