/** Where the values of a policy come from, and which layer each was set by. */
import { type PolicyLayer, policyLayers } from '@flyball/contracts';
import type { AnnotationField, AnnotationValues } from './annotation-settings.ts';
import type { AutoscalerValues } from './autoscaler-config.ts';

/** A value and the layer that set it. */
export interface Layered<V> {
  readonly value: V;
  readonly layer: PolicyLayer;
}

/** Where the values of a policy come from. */
export interface PolicySources {
  readonly asked: Readonly<Partial<{ [F in AnnotationField]: AnnotationValues[F] | undefined }>>;
  readonly fromConfig: <F extends keyof AutoscalerValues>(field: F) => Layered<AutoscalerValues[F]>;
  readonly containerConcurrency: Layered<number>;
  readonly metric: string;
}

/** The later of several layers: the one a reader should look at first. */
export const latest = (...layers: PolicyLayer[]): PolicyLayer =>
  layers.reduce((left, right) =>
    policyLayers.indexOf(right) > policyLayers.indexOf(left) ? right : left,
  );
