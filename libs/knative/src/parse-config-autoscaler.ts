/** Reads the data of the ConfigMap `config-autoscaler`, with every complaint at once. */

import { annotationKeys, autoscalingPrefix } from './annotation-settings.ts';
import {
  type AutoscalerConfig,
  type AutoscalerValues,
  autoscalerKeys,
  autoscalerSettings,
  defaultAutoscalerConfig,
} from './autoscaler-config.ts';
import { type Complaint, complaintAt, type Locate, nowhere } from './complaint.ts';
import { checkConfigTogether } from './config-cross-checks.ts';
import { folded, nearestKey } from './nearest-key.ts';
import { type Behaviour, readSetting } from './setting.ts';

export interface ParseConfigOptions {
  /** Where each key stands. */
  readonly locate?: Locate;
  /** What `behaviour` is when the data does not say; by default `flyball`. */
  readonly behaviour?: Behaviour;
}

export interface ParsedConfig {
  /** What could be read; a value that was refused is at its default. */
  readonly config: AutoscalerConfig;
  readonly complaints: readonly Complaint[];
}

type Field = keyof AutoscalerValues;
type Data = Readonly<Record<string, string>>;

/** Keys of older Knative versions that have no effect, and why none is needed. */
export const keysWithoutEffect: Readonly<Record<string, string>> = {
  'tick-interval': 'ticks come every 2 s, and at once for a burst',
  'enable-vertical-pod-autoscaling': 'pods are never resized',
  'enable-graceful-scaledown': 'pods are always drained',
  'concurrency-quantum-of-time': 'concurrency is averaged per second',
};

const fields = Object.keys(autoscalerSettings) as Field[];
const knownKeys = new Set([...autoscalerKeys, ...Object.keys(keysWithoutEffect)]);
const suggestedKeys = autoscalerKeys.filter((key) => key !== 'panic-window');

/** Is it a key of the ConfigMap: of today's Knative, of an older one, or of ours? */
export const isConfigKey = (key: string): boolean => knownKeys.has(key);

/**
 * Reads the ConfigMap's data. All faults are reported together; with any of severity `error` the
 * caller must keep the config it had. Keys that start with `_` (such as `_example`) are comments.
 */
export const parseConfigAutoscaler = (
  data: Data,
  options: ParseConfigOptions = {},
): ParsedConfig => {
  const locate = options.locate ?? nowhere;
  const fallback = options.behaviour ?? defaultAutoscalerConfig.behaviour;
  const behaviour = autoscalerSettings.behaviour.parse(data.behaviour ?? '') ?? fallback;
  const values: { -readonly [F in Field]: AutoscalerValues[F] } = {
    ...valuesOf(defaultAutoscalerConfig),
    behaviour,
  };
  const given: Field[] = [];
  const complaints: Complaint[] = [];
  const refused = new Set<string>();

  const readField = <F extends Field>(field: F): void => {
    const setting = autoscalerSettings[field];
    const text = Object.hasOwn(data, setting.key) ? data[setting.key] : undefined;
    if (text === undefined) return;
    const place = locate(setting.key);
    const reading = readSetting(setting, { key: setting.key, text, place, behaviour });
    complaints.push(...reading.complaints);
    if (reading.value === undefined) {
      refused.add(setting.key);
      return;
    }
    values[field] = reading.value;
    given.push(field);
  };
  for (const field of fields) readField(field);

  const read: AutoscalerConfig = { ...values, given };
  complaints.push(...checkConfigTogether({ config: read, data, refused, locate }));
  const config = withoutRefused(read, complaints);
  return { config, complaints: [...complaints, ...otherKeys(data, locate)] };
};

/** Values that are wrong together are at their defaults as well. */
const withoutRefused = (
  config: AutoscalerConfig,
  complaints: readonly Complaint[],
): AutoscalerConfig => {
  const blamed = new Set(
    complaints.flatMap(({ severity, keys }) => (severity === 'error' ? keys : [])),
  );
  const refused = fields.filter((field) => blamed.has(autoscalerSettings[field].key));
  const defaults = refused.map((field) => [field, defaultAutoscalerConfig[field]]);
  const given = config.given.filter((field) => !refused.includes(field));
  return { ...config, ...Object.fromEntries(defaults), given };
};

const valuesOf = ({ given: _, ...values }: AutoscalerConfig): AutoscalerValues => values;

const otherKeys = (data: Data, locate: Locate): Complaint[] =>
  Object.entries(data).flatMap(([key, value]) => {
    if (key.startsWith('_') || autoscalerKeys.includes(key)) return [];
    const place = locate(key);
    const why = keysWithoutEffect[key];
    if (knownKeys.has(key) && why !== undefined) {
      const message = `${key} is from an older Knative and has no effect: ${why}.`;
      return [complaintAt(place, { severity: 'warning', key, value, message })];
    }
    return [complaintAt(place, { severity: 'warning', key, value, ...unknownKey(key) })];
  });

const unknownKey = (key: string): { message: string; didYouMean: string | undefined } => {
  const nearest = nearestKey(key, suggestedKeys);
  const annotation = annotationKeys.find(
    (known) => folded(known.slice(known.indexOf('/') + 1)) === folded(key),
  );
  if (annotation?.startsWith(autoscalingPrefix) && folded(nearest ?? '') !== folded(key)) {
    const message = `${key} is not a key of config-autoscaler; workloads set it by annotation.`;
    return { message, didYouMean: annotation };
  }
  const message = `${key} is not a key of config-autoscaler and has no effect.`;
  return { message, didYouMean: nearest };
};
