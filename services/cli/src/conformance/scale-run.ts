/** One workload of a scale vector: samples into windows, their averages into the decider. */
import type { Policy } from '@flyball/contracts';
import {
  type Assessment,
  createWindow,
  exactAveragesAt,
  recordSample,
  resizeWindow,
  type Window,
} from '@flyball/domain';
import type { Answers } from './difference.ts';
import { DrivenDecider } from './driven-decider.ts';
import type { ScaleEvent, Vector, VectorSettings } from './vector-schemas.ts';

type Sample = Extract<ScaleEvent, { kind: 'sample' }>;
type Metric = 'concurrency' | 'rps';

const secondOf = (atMs: number): number => Math.floor(atMs / 1000);

/** Both averages of one metric. */
interface Windows {
  readonly stable: Window;
  readonly panic: Window;
}

const windowsOf = (policy: Policy): Windows => ({
  stable: createWindow(policy.metricAggregationAlgorithm, policy.stableWindowMs),
  panic: createWindow(policy.metricAggregationAlgorithm, policy.panicWindowMs),
});

const noLoad = { stable: 0, panic: 0 };
/** Rules that a path starts with when nothing new could be said. */
const holds = new Set(['hold-unseen', 'hold-unobserved', 'hold-blind']);

const boundedOf = (found: Assessment): number => {
  const bounds = found.path.filter(({ rule }) => rule === 'min-scale' || rule === 'max-scale');
  return bounds.at(-1)?.to ?? found.desired ?? 0;
};

export class ScaleRun {
  readonly #decider = new DrivenDecider();
  readonly #windows: Readonly<Record<Metric, Windows>>;
  #policy: Policy;
  /** What was last told of the pods, error or not. */
  #readyTold: number | null;

  constructor(vector: Vector<'scale'>, policy: Policy) {
    const { startMs, readyPodsAtStart, reachable } = vector;
    this.#policy = policy;
    this.#readyTold = readyPodsAtStart;
    this.#windows = { concurrency: windowsOf(policy), rps: windowsOf(policy) };
    this.#decider.appear(readyPodsAtStart, readyPodsAtStart > 0, startMs);
    this.#decider.setReadyPods(readyPodsAtStart, startMs);
    this.#decider.setPolicy(policy, reachable !== false, startMs);
    // These vectors know nothing of coming up: their workload has reached its initial scale.
    const { workload } = this.#decider;
    workload.memory = { ...workload.memory, initialised: true };
  }

  get isPanicking(): boolean {
    return this.#decider.workload.memory.panicSinceMs !== null;
  }

  /** Each sample is its own source: those of one second add up. */
  record(sample: Sample): void {
    const second = secondOf(sample.sampleMs ?? sample.atMs);
    const record = ({ stable, panic }: Windows, value: number): void => {
      recordSample(stable, second, value);
      recordSample(panic, second, value);
    };
    record(this.#windows.concurrency, sample.concurrency - sample.proxiedConcurrency);
    record(this.#windows.rps, sample.requestsPerSecond - sample.proxiedRequestsPerSecond);
  }

  setReady({ atMs, pods, error }: Extract<ScaleEvent, { kind: 'ready' }>): void {
    this.#readyTold = error === undefined ? (pods ?? 0) : null;
    const unseen = error === undefined || error === 'NotFound' ? null : error;
    this.#decider.setPlatformError(unseen, atMs);
    if (unseen === null) this.#decider.setReadyPods(this.#readyTold ?? 0, atMs);
  }

  update(revision: VectorSettings, policy: Policy, atMs: number): void {
    this.#policy = policy;
    for (const { stable, panic } of Object.values(this.#windows)) {
      resizeWindow(stable, policy.stableWindowMs, secondOf(atMs));
      resizeWindow(panic, policy.panicWindowMs, secondOf(atMs));
    }
    this.#decider.setPolicy(policy, revision.reachable !== false, atMs);
  }

  tick(atMs: number): Answers {
    const { stable, panic } = this.#windows[this.#policy.metric === 'rps' ? 'rps' : 'concurrency'];
    const averages = exactAveragesAt(stable, panic, secondOf(atMs));
    const found = this.#decider.tick(averages, atMs);
    const valid = found !== undefined && !holds.has(found.path[0]?.rule ?? '');
    return {
      atMs,
      readyPods: this.#readyTold === null ? null : this.#decider.workload.readyPods,
      valid,
      panicking: this.isPanicking,
      numActivators: found?.activators,
      ...(valid && {
        // What is valid without data is a load of zero.
        ...(averages ?? noLoad),
        desiredPodCount: found.desired,
        boundedPodCount: boundedOf(found),
        excessBurstCapacity: found.excessBurstCapacity,
      }),
    };
  }
}
