/** Settings → policy for the watcher's stage, by the rules of Knative; each workload once. */
import type { PolicyLayer } from '@flyball/contracts';
import {
  type ObservedWorkload,
  type PolicyComplaint,
  type Resolution,
  type ResolvePolicy,
  toldGiven,
  toldSentence,
} from '@flyball/domain';
import {
  type AutoscalerConfig,
  type Complaint,
  defaultAutoscalerConfig,
  enabledAnnotation,
  enabledBy,
  flyballPrefix,
  hasErrors,
  kpaClass,
  parseConfigAutoscaler,
  resolvePolicy,
} from '@flyball/knative';

type ConfigData = Readonly<Record<string, string>> | undefined;

interface ReadConfig {
  readonly data: ConfigData;
  readonly config: AutoscalerConfig;
  readonly complaints: readonly Complaint[];
}

const complaintOf = ({ path, key, value, allowed, message }: Complaint): PolicyComplaint => ({
  path: toldGiven(path),
  key: toldGiven(key),
  value: toldGiven(value),
  allowed,
  message: toldSentence(message),
});

/** The setting that asked for a version of the algorithm, by the layer that set it. */
const algorithmKeyOf = (layer: PolicyLayer): string | null => {
  if (layer === 'default') return null;
  return layer === 'config-autoscaler' ? 'algorithm' : `${flyballPrefix}algorithm`;
};

/** A config with errors is refused as a whole: the one before it stays in force. */
const readConfig = (data: ConfigData, before: ReadConfig): ReadConfig => {
  if (data === undefined) return { data, config: defaultAutoscalerConfig, complaints: [] };
  const { config, complaints } = parseConfigAutoscaler(data);
  return { data, config: hasErrors(complaints) ? before.config : config, complaints };
};

const resolve = (workload: ObservedWorkload, read: ReadConfig): Resolution => {
  const { annotations, containerConcurrency, timeoutSeconds } = workload;
  const { config } = read;
  const resolved = resolvePolicy({ config, annotations, containerConcurrency, timeoutSeconds });
  const complaints = [...read.complaints, ...resolved.complaints];
  return {
    managed:
      resolved.policy.class === kpaClass && enabledBy(annotations[enabledAnnotation]) !== false,
    policy: resolved.policy,
    algorithmKey: algorithmKeyOf(resolved.layers.algorithm),
    layers: resolved.layers,
    warnings: complaints
      .filter((one) => one.severity !== 'error')
      .map((one) => toldSentence(one.message)),
    errors: complaints.filter((one) => one.severity === 'error').map(complaintOf),
  };
};

/** The resolver; remembers what it resolved for as long as the same object is seen. */
export const createResolver = (): ResolvePolicy => {
  let read: ReadConfig = { data: undefined, config: defaultAutoscalerConfig, complaints: [] };
  let known = new WeakMap<ObservedWorkload, Resolution>();
  return (workload, data) => {
    if (data !== read.data) {
      read = readConfig(data, read);
      known = new WeakMap();
    }
    const resolution = known.get(workload) ?? resolve(workload, read);
    known.set(workload, resolution);
    return resolution;
  };
};
