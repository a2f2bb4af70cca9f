/** A busy partition without its outside: what its stages are told, second by second. */
import { eventFrom, type FlyballEvent, type Policy, type WorkloadKey } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import type { SampleBatch } from '@flyball/domain';

export const partition = 0;
/** A whole minute. */
export const startMs = 1_767_225_600_000;
const podsUsual = 5;
/** The load swings around what the pods are for; no two workloads swing alike. */
const swingS = 300;
const wavesKept = 512;

export const workloadsOf = (count: number): readonly WorkloadKey[] =>
  Array.from({ length: count }, (_, index): WorkloadKey => `load/service-${index}`);

type Beginning =
  | FlyballEvent<'WorkloadAppeared'>
  | FlyballEvent<'PolicySet'>
  | FlyballEvent<'PodReady'>;

/** Brings each workload under Flyball with its pods ready. */
export const beginnings = (
  workloads: readonly WorkloadKey[],
  changes: Partial<Policy>,
  podsPerWorkload = podsUsual,
): readonly Beginning[] => {
  const policy = { ...storyPolicy, ...changes };
  let count = 0;
  return workloads.flatMap((workload): Beginning[] => {
    const about = () => {
      count += 1;
      const cause = { id: `watcher-1:${count}`, atMs: startMs };
      return { workload, partition, source: '/flyball/watcher', cause };
    };
    const appeared = { uid: 'u', createdAtMs: startMs, resourceVersion: '1' };
    const data = { ...appeared, replicas: podsPerWorkload, adopted: true };
    const policySet = { policy, layers: {}, warnings: [] };
    return [
      eventFrom({ ...about(), type: 'WorkloadAppeared', pen: 'platform', data }),
      eventFrom({ ...about(), type: 'PolicySet', pen: 'policy', data: policySet }),
      ...Array.from({ length: podsPerWorkload }, (_, pod) =>
        eventFrom({ ...about(), type: 'PodReady', pen: 'platform', data: { pod: `pod-${pod}` } }),
      ),
    ];
  });
};

/** One load for each moment of a swing, in thousandths of requests in flight. */
const wave = (workload: number): readonly number[] =>
  Array.from({ length: swingS }, (_, second) => {
    const angle = (2 * Math.PI * (second + workload * 17)) / swingS;
    const jitter = ((second * 7919 + workload * 104_729) % 1000) * 3;
    return Math.round(40_000 + 30_000 * Math.sin(angle) + jitter);
  });

/** Makes the batch of each second: one source that measured every workload. */
export const createSource = (workloads: readonly WorkloadKey[]) => {
  const waves = Array.from({ length: Math.min(wavesKept, workloads.length) }, (_, n) => wave(n));
  const nothing = workloads.map(() => null);
  let seq = 0;
  return (second: number): SampleBatch => {
    seq += 1;
    const atMs = startMs + second * 1000 + 1010;
    const milli = workloads.map((_, n) => waves[n % waves.length]?.[(second + n) % swingS] ?? 0);
    return {
      ...{ id: `activator-1:${partition}:${second}`, type: 'SamplesReported', pen: 'samples' },
      ...{ source: '/flyball/activator/1', partition, atMs, seq, receivedAtMs: atMs },
      data: {
        ...{ source: 'activator-1', secondAtMs: startMs + second * 1000, partial: false },
        rows: {
          workloads: [...workloads],
          concurrencyMilli: milli,
          requestsMilli: milli,
          inFlight: milli.map((one) => Math.round(one / 1000)),
          traceparents: nothing,
        },
        covered: [],
      },
    };
  };
};
