/** The decider with one workload, told what happens to it by the events that a service folds. */

import assert from 'node:assert/strict';
import type {
  EventDataByName,
  EventName,
  Policy,
  RecordedEvent,
  WorkloadKey,
} from '@flyball/contracts';
import {
  type Assessment,
  type DeciderState,
  decider,
  step,
  type WorkloadState,
} from '@flyball/domain';

const workload: WorkloadKey = 'conformance/vector';
const partition = 0;

/** The averages that a tick brings; null without data. */
export type TickAverages = { readonly stable: number; readonly panic: number } | null;

/** Times a number, between a half and one and a half of its last bit: adding it is one step. */
const oneBit = 0.75 * Number.EPSILON;

/**
 * Thousandths that read back as exactly this value: a product can be off by a last bit, and one of
 * its neighbours is not.
 */
const exactMilli = (value: number): number => {
  const product = value * 1000;
  const bit = Math.abs(product) * oneBit;
  const candidates = [product, Math.round(product), product - bit, product + bit];
  return candidates.find((milli) => milli / 1000 === value) ?? product;
};

const milliOf = (value: number | undefined): number | null =>
  value === undefined ? null : exactMilli(value);

export class DrivenDecider {
  #state: DeciderState = decider.initialState(partition);
  #seq = 0;
  #pods = 0;
  #unseen = false;

  /** Folds an event of the workload and decides on it. */
  tell<Name extends EventName>(type: Name, data: EventDataByName[Name], atMs: number): void {
    this.#seq += 1;
    const about = type === 'TickObserved' ? {} : { workload };
    const event = { id: `vector-${this.#seq}`, type, ...about, partition, pen: 'platform' };
    const told = { ...event, source: '/conformance', atMs, data, seq: this.#seq };
    this.#state = step(decider, this.#state, told as RecordedEvent).state;
  }

  appear(replicas: number, adopted: boolean, atMs: number): void {
    const born = { createdAtMs: atMs, resourceVersion: '1' };
    this.tell('WorkloadAppeared', { uid: 'vector', replicas, adopted, ...born }, atMs);
  }

  setPolicy(policy: Policy, reachable: boolean, atMs: number): void {
    this.tell(reachable ? 'WorkloadReachable' : 'WorkloadUnreachable', {}, atMs);
    this.tell('PolicySet', { policy, layers: {}, warnings: [] }, atMs);
  }

  /** So many pods are ready from now on. */
  setReadyPods(ready: number, atMs: number): void {
    while (this.#pods < ready) {
      const pod = `pod-${this.#pods}`;
      const place = { address: null, metricsAddress: null, createdAtMs: atMs };
      this.tell('PodAppeared', { pod, ...place }, atMs);
      this.tell('PodReady', { pod }, atMs);
      this.#pods += 1;
    }
    while (this.#pods > ready) {
      this.#pods -= 1;
      this.tell('PodGone', { pod: `pod-${this.#pods}` }, atMs);
    }
  }

  /** The platform cannot be asked for pods; null: it can. */
  setPlatformError(reason: string | null, atMs: number): void {
    if (reason !== null) this.tell('PlatformUnseen', { reason }, atMs);
    else if (this.#unseen) this.tell('PlatformSeen', { unseenMs: 0 }, atMs);
    this.#unseen = reason !== null;
  }

  /** Decides on a tick; undefined when the stage does not evaluate the workload. */
  tick(averages: TickAverages, atMs: number): Assessment | undefined {
    const rows = {
      workloads: [workload],
      stableMilli: [milliOf(averages?.stable)],
      panicMilli: [milliOf(averages?.panic)],
      seen: [averages === null ? ('unobserved' as const) : ('measured' as const)],
      coveredAtMs: [null],
      inFlight: [null],
      traceparents: [null],
    };
    const through = { samplesThroughSeq: 0, eventsThroughSeq: 0 };
    this.tell('TickObserved', { kind: 'tick', part: 1, parts: 1, ...through, rows }, atMs);
    return this.#state.assessed[0]?.assessment;
  }

  /** What the decider knows of the workload; throws before it appeared. */
  get workload(): WorkloadState {
    const known = this.#state.workloads[workload];
    assert(known !== undefined, 'the workload has not appeared yet');
    return known;
  }
}
