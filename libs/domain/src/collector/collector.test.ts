/** The collector's sums: nothing is counted twice, and a pod that does not answer is not a zero. */
import type { RecordedEvent, SamplesReportedData, WorkloadKey } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import {
  type ActivatorLoads,
  activatorLoadOf,
  foldActivatorBatch,
  forgetSilent,
} from './activator-loads.ts';
import { roundOf, sampleSize } from './sample-size.ts';
import { beyondActivators, type PodSecond, sumOfPods } from './scrape-sum.ts';
import { scrapeTargetsProjection } from './scrape-targets.ts';

const web: WorkloadKey = 'default/web';

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

  it('of some stands for all', () => {
    const sum = sumOfPods([pod(3, 0), pod(5, 1)], 20);
    expect(sum).toEqual({ concurrencyMilli: 70_000, requestsMilli: 70_000, inFlight: 20 });
  });
});

describe('the pods that are asked', () => {
  it.each([
    [0, 0],
    [1, 1],
    [3, 3],
    [4, 4],
    [10, 7],
    [100, 14],
    [1_000, 16],
    [100_000, 16],
  ])('of %i are %i, as in Knative', (pods, size) => {
    expect(sampleSize(pods)).toBe(size);
  });

  it('are all of them in turn', () => {
    const names = Array.from({ length: 50 }, (_, at) => [`web-${at}`, at] as const);
    const size = sampleSize(names.length);
    const asked = new Set<string>();
    for (let round = 7; round < 7 + Math.ceil(50 / size); round += 1) {
      for (const [name] of roundOf(names, round, size).slice(0, size)) asked.add(name);
    }
    expect(asked.size).toBe(50);
    expect(roundOf(names, 3, size)).toHaveLength(50);
  });
});

describe('targets', () => {
  const fold = (...facts: readonly [string, object][]) => {
    const state = scrapeTargetsProjection.initialState();
    for (const [type, data] of facts) {
      const event = { type, data, workload: web } as unknown as RecordedEvent;
      scrapeTargetsProjection.evolve(state, event);
    }
    return state.workloads[web];
  };
  const appeared = { pod: 'web-1', address: 'a:1', metricsAddress: 'a:2', createdAtMs: 1 };
  const known = { address: 'a:1', metricsAddress: 'a:2', ready: true };
  const source = { concurrency: 'active' };
  const kpa = 'kpa.autoscaling.knative.dev';

  it('are pods, with or without a queue-proxy', () => {
    const ready = ['PodReady', { pod: 'web-1' }] as const;
    expect(fold(['PodAppeared', appeared], [...ready])).toEqual({ pods: { 'web-1': known } });
    const bare = fold(['PodAppeared', { ...appeared, metricsAddress: null }], [...ready]);
    expect(bare?.pods['web-1']).toEqual({ ...known, metricsAddress: null });
  });

  it('end with their pod and with their workload', () => {
    expect(fold(['PodAppeared', appeared], ['PodGone', { pod: 'web-1' }])).toBeUndefined();
    expect(fold(['PodAppeared', appeared], ['WorkloadGone', {}])).toBeUndefined();
  });

  it('have the pages that the policy in force names', () => {
    const named = ['PolicySet', { policy: { class: kpa, source } }] as const;
    expect(fold([...named])).toEqual({ pods: {}, source });
    expect(fold([...named], ['PolicySet', { policy: { class: kpa } }])).toBeUndefined();
    expect(fold([...named], ['WorkloadGone', {}])).toBeUndefined();
    const hpa = { policy: { class: 'hpa.autoscaling.knative.dev', source } };
    expect(fold([...named], ['PolicySet', hpa])).toBeUndefined();
  });
});

describe('what activators told', () => {
  const batch = (
    source: string,
    secondAtMs: number,
    concurrency: number,
    partial = false,
  ): SamplesReportedData => ({
    source,
    secondAtMs,
    partial,
    rows: {
      workloads: [web],
      concurrencyMilli: [concurrency * 1_000],
      requestsMilli: [2_000],
      inFlight: [concurrency],
      traceparents: [null],
    },
    covered: [],
  });
  const told = (...batches: readonly SamplesReportedData[]): ActivatorLoads => {
    const loads: ActivatorLoads = new Map();
    for (const one of batches) foldActivatorBatch(loads, one);
    return loads;
  };

  it('is added up; the last word stands for a second that is not told yet', () => {
    const loads = told(batch('activator-a', 5_000, 3), batch('activator-b', 4_000, 2));
    const sum = { concurrencyMilli: 5_000, requestsMilli: 4_000, inFlight: 5 };
    expect(activatorLoadOf(loads, web, 5_000)).toEqual(sum);
    expect(activatorLoadOf(loads, web, 4_000).concurrencyMilli).toBe(2_000);
    expect(activatorLoadOf(loads, 'default/other', 5_000).concurrencyMilli).toBe(0);
  });

  it('is replaced when it is told again, and forgotten when nothing more is', () => {
    const loads = told(batch('activator-a', 5_000, 3), batch('activator-a', 5_000, 4));
    expect(activatorLoadOf(loads, web, 5_000).inFlight).toBe(4);
    expect(activatorLoadOf(loads, web, 9_000).inFlight).toBe(0);
    forgetSilent(loads, 9_000);
    expect(loads.size).toBe(0);
  });

  it('is not what the collector told itself, nor a moment of a second', () => {
    const loads = told(batch('scrape-0', 5_000, 3), batch('activator-a', 5_000, 3, true));
    expect(loads.size).toBe(0);
  });

  it('is no part of what pages add', () => {
    const activators = { concurrencyMilli: 4_000, requestsMilli: 1_000, inFlight: 5 };
    const pages = { concurrency: 6.5, requestsPerSecond: 0.5 };
    expect(beyondActivators(pages, activators)).toEqual({
      concurrencyMilli: 2_500,
      requestsMilli: 0,
      inFlight: 2,
    });
  });
});
