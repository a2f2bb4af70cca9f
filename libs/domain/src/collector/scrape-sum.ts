/** What a workload's pods or pages had in one second, without what the activators counted too. */
import type { Load } from './activator-loads.ts';

/** One pod's second as its queue-proxy told it. */
export interface PodSecond {
  readonly secondAtMs: number;
  readonly concurrency: number;
  readonly proxiedConcurrency: number;
  readonly requests: number;
  readonly proxiedRequests: number;
  readonly inFlight: number;
}

export interface WorkloadSecond {
  /** Thousandths; null: it is not known. */
  readonly concurrencyMilli: number | null;
  readonly requestsMilli: number | null;
  readonly inFlight: number;
}

const milli = 1_000;

/** At least one who had to be asked did not answer, so the sum is not known. */
export const blindSecond: WorkloadSecond = Object.freeze({
  concurrencyMilli: null,
  requestsMilli: null,
  inFlight: 0,
});

/**
 * Σ max(0, concurrency − proxied) over the pods that were asked, scaled to `podsInAll`; blind when
 * one of them did not answer.
 */
export const sumOfPods = (
  asked: readonly (PodSecond | undefined)[],
  podsInAll = asked.length,
): WorkloadSecond => {
  let [concurrency, requests, inFlight] = [0, 0, 0];
  for (const pod of asked) {
    if (pod === undefined) return blindSecond;
    concurrency += Math.max(0, pod.concurrency - pod.proxiedConcurrency);
    requests += Math.max(0, pod.requests - pod.proxiedRequests);
    inFlight += pod.inFlight;
  }
  const scale = asked.length === 0 ? 0 : podsInAll / asked.length;
  return {
    concurrencyMilli: Math.round(concurrency * scale * milli),
    requestsMilli: Math.round(requests * scale * milli),
    inFlight: Math.round(inFlight * scale),
  };
};

/** What pages say in all: requests in flight, and requests per second. */
export interface PagesLoad {
  readonly concurrency: number;
  readonly requestsPerSecond: number;
}

/**
 * What the pages saw beyond what the activators told. Both see a request that goes through both, so
 * the larger of the two is the load, and this is what is missing to it.
 */
export const beyondActivators = (pages: PagesLoad, told: Load): WorkloadSecond => ({
  concurrencyMilli: Math.max(0, Math.round(pages.concurrency * milli) - told.concurrencyMilli),
  requestsMilli: Math.max(0, Math.round(pages.requestsPerSecond * milli) - told.requestsMilli),
  inFlight: Math.max(0, Math.round(pages.concurrency) - told.inFlight),
});
