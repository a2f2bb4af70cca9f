/** Runs the vectors of lifecycle: a standing want through bounds, gate, activity and routing. */
import type { Policy } from '@flyball/contracts';
import { type Assessment, activatorsMin, asksPods, assessStandingWant } from '@flyball/domain';
import { type Answers, compareAnswers, type Difference } from './difference.ts';
import { DrivenDecider } from './driven-decider.ts';
import { resolveSettings } from './resolve-settings.ts';
import type { LifecycleStep, Vector } from './vector-schemas.ts';

const kindOf = { Unknown: 'activating', True: 'active', False: 'inactive' } as const;
const conditionOf = { activating: 'Unknown', active: 'True', inactive: 'False' } as const;
const reasonOf = { queued: 'Queued', 'no-traffic': 'NoTraffic', 'timed-out': 'TimedOut' } as const;
const modeOf = { activator: 'Proxy', pods: 'Serve' } as const;

/** Knative's word for no want. */
const unknownScale = -1;

/** How and when Knative would look again is not ours: a stage is asked at each tick. */
const notCompared = ['requeueAfterMs', 'syncProbes', 'asyncProbes'];

const initialSurroundings = {
  desiredScale: unknownScale,
  excessBurstCapacity: 0,
  ready: 0,
  sksExists: true,
  proxySinceMs: -1,
  probe: 'yes' as const,
};

type Surroundings = {
  readonly [Field in keyof typeof initialSurroundings]: Field extends 'probe'
    ? 'yes' | 'no' | 'error'
    : (typeof initialSurroundings)[Field] extends boolean
      ? boolean
      : number;
};

/** What a step names changes, the rest stays. */
const changedBy = (step: LifecycleStep, before: Surroundings): Surroundings => ({
  desiredScale: step.desiredScale ?? before.desiredScale,
  excessBurstCapacity: step.excessBurstCapacity ?? before.excessBurstCapacity,
  ready: step.pods?.ready ?? before.ready,
  sksExists: step.sksExists ?? before.sksExists,
  proxySinceMs: step.proxySinceMs ?? before.proxySinceMs,
  probe: step.probe ?? before.probe,
});

class LifecycleRun {
  readonly #decider = new DrivenDecider();
  readonly #policy: Policy;
  #surroundings: Surroundings = initialSurroundings;
  /** The last want that was known: it is told until there is another. */
  #want = unknownScale;

  constructor(vector: Vector<'lifecycle'>, policy: Policy) {
    const { initial, reachable } = vector;
    this.#policy = policy;
    const { activeSinceMs } = initial;
    this.#decider.appear(initial.replicas, false, activeSinceMs);
    this.#decider.setPolicy(policy, reachable !== false, activeSinceMs);
    const { workload } = this.#decider;
    workload.memory = {
      ...workload.memory,
      activity: { kind: kindOf[initial.active], sinceMs: activeSinceMs },
      initialised: initial.scaleTargetInitialized,
    };
  }

  /** Takes in what the step changes, and evaluates once. */
  take(step: LifecycleStep): Answers {
    this.#surroundings = changedBy(step, this.#surroundings);
    return this.#surroundings.sksExists ? this.#evaluate(step.atMs) : this.#leave(step.atMs);
  }

  #assess(atMs: number, desired: number | null): Assessment {
    const { workload } = this.#decider;
    const { excessBurstCapacity } = this.#surroundings;
    workload.memory = { ...workload.memory, desired, excessBurstCapacity };
    const moment = { atMs, inFlight: null, policyId: workload.policyId ?? '' };
    return assessStandingWant(workload, this.#policy, moment);
  }

  #evaluate(atMs: number): Answers {
    const { desiredScale, ready } = this.#surroundings;
    this.#decider.setReadyPods(ready, atMs);
    this.#applyRouting(atMs);
    const found = this.#assess(atMs, desiredScale === unknownScale ? null : desiredScale);
    const { workload } = this.#decider;
    const patched = found.to !== workload.asked;
    workload.memory = found.memory;
    workload.asked = found.to;
    this.#want = found.want ?? this.#want;
    return {
      atMs,
      want: this.#want,
      actualScale: workload.readyPods,
      patched,
      replicas: found.to,
      sksMode: modeOf[found.routing],
      numActivators: found.activators,
      ...activityOf(found),
      scaleTargetInitialized: found.memory.initialised,
      scrapes: asksPods(this.#policy),
    };
  }

  /** The activator leads to the pods when asked for it, or always: then nobody asks. */
  #applyRouting(atMs: number): void {
    const { probe, proxySinceMs } = this.#surroundings;
    const isApplied = probe === 'yes' || !asksPods(this.#policy);
    const applied = { decisionId: 'vector', appliedAtMs: atMs };
    this.#decider.tell('RoutingApplied', { ...applied, routing: 'pods' }, atMs);
    if (!isApplied) return;
    const appliedAtMs = proxySinceMs < 0 ? atMs : proxySinceMs;
    this.#decider.tell('RoutingApplied', { ...applied, routing: 'activator', appliedAtMs }, atMs);
  }

  /** Without a service nothing is ready behind it, and replicas are left as they are. */
  #leave(atMs: number): Answers {
    this.#decider.setReadyPods(0, atMs);
    const found = this.#assess(atMs, null);
    const { workload } = this.#decider;
    workload.memory = { ...workload.memory, activity: found.memory.activity };
    return {
      atMs,
      want: this.#want,
      actualScale: 0,
      patched: false,
      replicas: workload.asked,
      sksMode: modeOf.activator,
      numActivators: activatorsMin,
      ...activityOf(found),
      scaleTargetInitialized: workload.memory.initialised,
    };
  }
}

const activityOf = ({ memory, waiting }: Assessment): Answers => ({
  active: conditionOf[memory.activity.kind],
  activeReason: waiting === null ? '' : reasonOf[waiting],
  activeSinceMs: memory.activity.sinceMs,
});

const compared = (expected: Answers): Answers =>
  Object.fromEntries(Object.entries(expected).filter(([field]) => !notCompared.includes(field)));

/** Every difference of one life, in order. */
export const runLifecycle = (vector: Vector<'lifecycle'>): Difference[] => {
  const resolved = resolveSettings(vector);
  if (resolved === undefined) {
    return [{ tick: null, field: 'config', expected: 'accepted', got: 'refused' }];
  }
  const { steps, expected } = vector;
  const { policy, layers } = resolved;
  const progressDeadlineMs =
    layers.progressDeadlineMs === 'annotation'
      ? policy.progressDeadlineMs
      : vector.progressDeadlineMs;
  const run = new LifecycleRun(vector, { ...policy, progressDeadlineMs });
  return steps.flatMap((step, index) =>
    compareAnswers({
      expected: compared(expected.steps[index] ?? {}),
      got: run.take(step),
      tick: index + 1,
    }),
  );
};
