/** Lays a workload's annotations over the cluster's config over the defaults: its policy. */
import type { Policy, PolicyLayersByKey } from '@flyball/contracts';
import {
  type AnnotationField,
  type Annotations,
  defaultTimeoutSeconds,
  hpaClass,
  kpaClass,
} from './annotation-settings.ts';
import { classOf } from './annotation-subject.ts';
import {
  type AutoscalerConfig,
  type AutoscalerValues,
  defaultAutoscalerConfig,
} from './autoscaler-config.ts';
import { type Complaint, type Locate, nowhere } from './complaint.ts';
import { metricsSourceOf } from './metrics-source.ts';
import type { Layered, PolicySources } from './policy-sources.ts';
import { type ReadAnnotations, readAnnotations } from './read-annotations.ts';
import { panicWindowOf, targetOf } from './resolve-target.ts';
import { complaintsOf } from './validate-annotations.ts';

/** Knative's own default. */
const defaultProgressDeadlineMs = 600_000;

export interface PolicyInputs {
  readonly config: AutoscalerConfig;
  readonly annotations: Annotations;
  /** The spec's hard limit of requests in flight per pod; 0 or absent: no limit. */
  readonly containerConcurrency?: number | undefined;
  /** The spec's time for one request, in seconds; absent: 300. */
  readonly timeoutSeconds?: number | undefined;
  readonly locate?: Locate | undefined;
}

export interface ResolvedPolicy {
  readonly policy: Policy;
  readonly layers: PolicyLayersByKey;
  /** With any of severity `error` the policy must not be put in force. */
  readonly complaints: readonly Complaint[];
}

type LayeredPolicy = { readonly [K in keyof Policy]: Layered<Policy[K]> };

/**
 * Every effective value and the layer that set it. Total: an annotation that cannot be read leaves
 * the layer below in force (as in Knative at this point) and is complained of.
 */
export const resolvePolicy = (inputs: PolicyInputs): ResolvedPolicy => {
  const { config, annotations } = inputs;
  const locate = inputs.locate ?? nowhere;
  const read = readAnnotations(annotations, config, locate);
  const sources = sourcesOf(inputs, usableOf(read));
  const { containerConcurrency } = sources;
  const complaints = complaintsOf(read, annotations, {
    config,
    containerConcurrency: containerConcurrency.value,
    locate,
  });
  const layered: LayeredPolicy = {
    ...identity(sources, classOf(annotations, config)),
    ...targetOf(sources),
    ...windows(sources),
    ...scales(sources, config),
    ...zeroAndBursts(sources),
    ...metricsSourceOf(sources),
    behaviour: pick(sources, 'behaviour', 'behaviour'),
    containerConcurrency,
    timeoutMs: timeout(inputs, sources),
    progressDeadlineMs: defaulted(sources.asked.progressDeadlineMs, defaultProgressDeadlineMs),
  };
  return { ...split(layered), complaints };
};

/** Knative uses what it can hold; we use what was accepted as well. */
const usableOf = ({ behaviour, lenient, values }: ReadAnnotations): PolicySources['asked'] =>
  behaviour === 'knative'
    ? lenient
    : Object.fromEntries(Object.entries(lenient).filter(([field]) => field in values));

const sourcesOf = (inputs: PolicyInputs, asked: PolicySources['asked']): PolicySources => {
  const { config, annotations } = inputs;
  const given = new Set(config.given);
  const fromSpec = inputs.containerConcurrency ?? 0;
  const className = classOf(annotations, config);
  const fallbackMetric = className === hpaClass ? 'cpu' : 'concurrency';
  const askedMetric = asked.metric ?? fallbackMetric;
  const limitAsked = asked.containerConcurrency;
  const byAnnotation = limitAsked !== undefined && (fromSpec === 0 || fromSpec === limitAsked);
  const known = className !== kpaClass || ['concurrency', 'rps'].includes(askedMetric);
  return {
    asked,
    fromConfig: (field) => ({
      value: holdable(config[field], defaultAutoscalerConfig[field]),
      layer: given.has(field) ? 'config-autoscaler' : 'default',
    }),
    containerConcurrency: byAnnotation
      ? { value: limitAsked, layer: 'annotation' }
      : { value: fromSpec, layer: fromSpec === 0 ? 'default' : 'spec' },
    metric: known ? askedMetric : fallbackMetric,
  };
};

/** Knative accepts NaN and infinities; no event can hold them, and NaN decides nothing. */
const holdable = <V>(value: V, fallback: V): V => {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return fallback;
  return (value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE) as V;
};

/** The annotation, else the config's value. */
const pick = <V>(
  sources: PolicySources,
  field: AnnotationField,
  fallback: keyof AutoscalerValues,
): Layered<V> => {
  const asked = sources.asked[field];
  return (
    asked === undefined ? sources.fromConfig(fallback) : { value: asked, layer: 'annotation' }
  ) as Layered<V>;
};

const defaulted = <V>(asked: V | undefined, fallback: V): Layered<V> =>
  asked === undefined
    ? { value: fallback, layer: 'default' }
    : { value: asked, layer: 'annotation' };

const identity = (sources: PolicySources, className: string) => {
  const algorithm = sources.asked.metricAggregationAlgorithm;
  const weighted = algorithm === 'weighted-exponential' || algorithm === 'weightedExponential';
  return {
    class: {
      value: className,
      layer:
        sources.asked.class === undefined
          ? sources.fromConfig('podAutoscalerClass').layer
          : ('annotation' as const),
    },
    metric: { ...defaulted(sources.asked.metric, ''), value: sources.metric },
    algorithm: pick<number>(sources, 'algorithm', 'algorithm'),
    metricAggregationAlgorithm: {
      ...defaulted(algorithm, ''),
      value: weighted ? ('weighted-exponential' as const) : ('linear' as const),
    },
    queueProxy: defaulted(sources.asked.queueProxy, false),
    minScaleWhenUnreachable: pick<boolean>(
      sources,
      'minScaleWhenUnreachable',
      'minScaleWhenUnreachable',
    ),
  };
};

const windows = (sources: PolicySources) => {
  const stable = pick<number>(sources, 'windowMs', 'stableWindowMs');
  const threshold = pick<number>(sources, 'panicThresholdPercentage', 'panicThresholdPercentage');
  const tolerance = pick<number>(sources, 'tolerancePercentage', 'tolerancePercentage');
  return {
    stableWindowMs: stable,
    panicWindowMs: panicWindowOf(sources, stable),
    panicThreshold: { ...threshold, value: threshold.value / 100 },
    tolerance: { ...tolerance, value: tolerance.value / 100 },
    scaleDownDelayMs: whole(pick<number>(sources, 'scaleDownDelayMs', 'scaleDownDelayMs')),
  };
};

const scales = (sources: PolicySources, config: AutoscalerConfig) => {
  const initial = pick<number>(sources, 'initialScale', 'initialScale');
  const zeroRefused = initial.value === 0 && !config.allowZeroInitialScale;
  return {
    maxScaleUpRate: sources.fromConfig('maxScaleUpRate'),
    maxScaleDownRate: sources.fromConfig('maxScaleDownRate'),
    minScale: pick<number>(sources, 'minScale', 'minScale'),
    maxScale: pick<number>(sources, 'maxScale', 'maxScale'),
    initialScale: zeroRefused ? sources.fromConfig('initialScale') : initial,
    activationScale: defaulted(sources.asked.activationScale, 0),
  };
};

const zeroAndBursts = (sources: PolicySources) => ({
  enableScaleToZero: sources.fromConfig('enableScaleToZero'),
  scaleToZeroGracePeriodMs: whole(sources.fromConfig('scaleToZeroGracePeriodMs')),
  scaleToZeroPodRetentionPeriodMs: whole(
    pick<number>(sources, 'scaleToZeroPodRetentionPeriodMs', 'scaleToZeroPodRetentionPeriodMs'),
  ),
  targetBurstCapacity: pick<number>(sources, 'targetBurstCapacity', 'targetBurstCapacity'),
  activatorCapacity: sources.fromConfig('activatorCapacity'),
});

const whole = (duration: Layered<number>): Layered<number> => ({
  ...duration,
  value: Math.trunc(duration.value),
});

const timeout = (inputs: PolicyInputs, sources: PolicySources): Layered<number> => {
  const fromSpec = inputs.timeoutSeconds ?? defaultTimeoutSeconds;
  if (fromSpec !== defaultTimeoutSeconds && fromSpec !== sources.asked.timeoutSeconds) {
    return { value: Math.round(fromSpec * 1000), layer: 'spec' };
  }
  const asked = defaulted(sources.asked.timeoutSeconds, defaultTimeoutSeconds);
  return { ...asked, value: asked.value * 1000 };
};

const split = (layered: LayeredPolicy): { policy: Policy; layers: PolicyLayersByKey } => {
  const entries = Object.entries(layered);
  // A negative zero would read back from an event as another value than was decided by.
  const plain = (value: unknown) => (typeof value === 'number' ? value + 0 : value);
  const policy = Object.fromEntries(entries.map(([key, { value }]) => [key, plain(value)]));
  const layers = Object.fromEntries(entries.map(([key, { layer }]) => [key, layer]));
  return { policy: policy as Policy, layers: layers as PolicyLayersByKey };
};
