/** The annotations that a translation sets: each judged, none that Flyball would refuse. */
import {
  type Annotations,
  autoscalingPrefix,
  defaultAutoscalerConfig,
  flyballPrefix,
  resolvePolicy,
} from '@flyball/knative';
import { type Loss, lossOf } from './translation.ts';

/** The full key of an annotation of Knative's group. */
export const scalingKey = (name: string): string => `${autoscalingPrefix}${name}`;
/** The full key of an annotation of ours. */
export const flyballKey = (name: string): string => `${flyballPrefix}${name}`;

export const enabled: Annotations = { [flyballKey('enabled')]: 'true' };

export interface Settled {
  readonly annotations: Record<string, string>;
  readonly losses: readonly Loss[];
  readonly notes: readonly string[];
}

/**
 * The annotations without those that would be refused, each of which is a loss. `pathOf` says where
 * in the object that is translated a value came from.
 */
export const settle = (
  wanted: Annotations,
  pathOf: (key: string) => string = (key) => key,
): Settled => {
  const annotations: Record<string, string> = { ...wanted };
  const losses: Loss[] = [];
  // What is left out may have been what another value was judged by.
  for (;;) {
    const { complaints } = resolvePolicy({ config: defaultAutoscalerConfig, annotations });
    const refused = complaints.find(
      ({ severity, key }) => severity === 'error' && key in annotations,
    );
    if (refused === undefined) {
      const notes = complaints.flatMap(({ severity, message }) =>
        severity === 'warning' ? [message] : [],
      );
      return { annotations, losses, notes: [...new Set(notes)] };
    }
    const { key, value, message, allowed } = refused;
    delete annotations[key];
    const range = allowed === '' ? '' : ` Allowed: ${allowed}.`;
    losses.push(lossOf(pathOf(key), value, `${message}${range}`));
  }
};
