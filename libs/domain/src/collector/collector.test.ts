/** The collector's sums: nothing is counted twice, and a pod that does not answer is not a zero. */
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { plainSamples } from './prometheus-text.ts';
import { type PodSecond, sumOfPods } from './scrape-sum.ts';
import { scrapeTargetsProjection } from './scrape-targets.ts';

const pod = (concurrency: number, proxiedConcurrency: number): PodSecond => ({
  secondAtMs: 1_000,
  concurrency,
  proxiedConcurrency,
  requests: concurrency,
  proxiedRequests: proxiedConcurrency,
  inFlight: 1,
});

describe('the sum of pods', () => {
  it('leaves out what the activator counted', () => {
    expect(sumOfPods([pod(10, 7.5), pod(4, 0)])).toEqual({
      concurrencyMilli: 6_500,
      requestsMilli: 6_500,
      inFlight: 2,
    });
  });

  it('is never below zero for a pod whose counts disagree by a moment', () => {
    expect(sumOfPods([pod(1, 1.2), pod(2, 0)]).concurrencyMilli).toBe(2_000);
  });

  it('is blind when a pod did not answer', () => {
    expect(sumOfPods([pod(1, 0), undefined]).concurrencyMilli).toBeNull();
  });
});

describe('targets', () => {
  const workload: WorkloadKey = 'default/web';
  const fold = (...facts: readonly [string, object][]) => {
    const state = scrapeTargetsProjection.initialState();
    for (const [type, data] of facts) {
      const event = { type, data, workload } as unknown as RecordedEvent;
      scrapeTargetsProjection.evolve(state, event);
    }
    return state.workloads[workload];
  };
  const appeared = { pod: 'web-1', address: 'a:1', metricsAddress: 'a:2', createdAtMs: 1 };

  it('are the pods that have a queue-proxy', () => {
    expect(fold(['PodAppeared', { ...appeared, metricsAddress: null }])).toBeUndefined();
    expect(fold(['PodAppeared', appeared], ['PodReady', { pod: 'web-1' }])).toEqual({
      'web-1': { metricsAddress: 'a:2', ready: true },
    });
  });

  it('end with their pod and with their workload', () => {
    expect(fold(['PodAppeared', appeared], ['PodGone', { pod: 'web-1' }])).toEqual({});
    expect(fold(['PodAppeared', appeared], ['WorkloadGone', {}])).toBeUndefined();
  });
});

describe('Prometheus text', () => {
  it('is read without its comments and labelled series', () => {
    const page = '# HELP a b\n# TYPE a gauge\na 1.5\nb{x="1"} 3\nc +Inf 170000\n\nnot a sample\n';
    expect([...plainSamples(page)]).toEqual([
      ['a', 1.5],
      ['c', Number.POSITIVE_INFINITY],
    ]);
  });
});
