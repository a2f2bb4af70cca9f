/** A story's annotations as the policy that the watcher would write down. */
import type { EventDataByName } from '@flyball/contracts';
import {
  autoscalingPrefix,
  hasErrors,
  parseConfigAutoscaler,
  resolvePolicy,
} from '@flyball/knative';

/** Reads both layers; throws when a story's settings are not ones that could be in force. */
export const policyOf = (
  config: Record<string, string>,
  annotations: Record<string, string>,
): EventDataByName['PolicySet'] => {
  const parsed = parseConfigAutoscaler(config);
  const prefixed = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [
      key.includes('/') ? key : `${autoscalingPrefix}${key}`,
      value,
    ]),
  );
  const resolved = resolvePolicy({ config: parsed.config, annotations: prefixed });
  const complaints = [...parsed.complaints, ...resolved.complaints];
  if (hasErrors(complaints)) {
    throw new Error(complaints.map(({ key, message }) => `${key}: ${message}`).join('; '));
  }
  const warnings = complaints.map(({ key, message }) => `${key}: ${message}`);
  return { policy: resolved.policy, layers: resolved.layers, warnings };
};
