/** What the pods of one workload had in one second, without what the activator counted too. */

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
  /** Thousandths; null: at least one ready pod could not be asked, so the sum is not known. */
  readonly concurrencyMilli: number | null;
  readonly requestsMilli: number | null;
  readonly inFlight: number;
}

const milli = 1_000;

/** Σ max(0, concurrency − proxied) over the pods; blind when one of them did not answer. */
export const sumOfPods = (pods: readonly (PodSecond | undefined)[]): WorkloadSecond => {
  let [concurrency, requests, inFlight] = [0, 0, 0];
  for (const pod of pods) {
    if (pod === undefined) return { concurrencyMilli: null, requestsMilli: null, inFlight: 0 };
    concurrency += Math.max(0, pod.concurrency - pod.proxiedConcurrency);
    requests += Math.max(0, pod.requests - pod.proxiedRequests);
    inFlight += pod.inFlight;
  }
  return {
    concurrencyMilli: Math.round(concurrency * milli),
    requestsMilli: Math.round(requests * milli),
    inFlight,
  };
};
