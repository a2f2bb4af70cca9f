/** A random life of a partition: policies, pods, and samples that are late, corrected or blind. */
import type { Policy, RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import type { SampleBatch, WindowerInput } from '@flyball/domain';

export const partition = 3;
const startMs = 1_767_225_600_000;
const sources = ['activator-1', 'activator-2', `scrape-${partition}`];
const workloads: readonly WorkloadKey[] = ['a/one', 'a/two', 'b/three.v2', 'b/four', 'c/five'];
const lateMaxS = 9;

const windows: readonly Partial<Policy>[] = [
  { stableWindowMs: 6_000, panicWindowMs: 1_000 },
  { stableWindowMs: 60_000, panicWindowMs: 6_000 },
  { stableWindowMs: 3_600_000, panicWindowMs: 360_000 },
  { stableWindowMs: 30_000, panicWindowMs: 3_000, metric: 'rps' },
  { metricAggregationAlgorithm: 'weighted-exponential' },
];

/** Numbers in [0, 1) that the seed alone determines. */
const randomFrom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** What a windower is told, without its own ticks: those come back from whoever runs it. */
export const randomLife = (seed: number, seconds: number): readonly WindowerInput[] => {
  const random = randomFrom(seed);
  const upTo = (count: number): number => Math.floor(random() * count);
  const inputs: { readonly atMs: number; readonly input: WindowerInput }[] = [];
  let samplesSeq = 0;
  let told = 0;

  const tell = (
    type: RecordedEvent['type'],
    workload: WorkloadKey,
    atMs: number,
    data: unknown,
  ) => {
    told += 1;
    const pen = type === 'PolicySet' ? 'policy' : 'platform';
    const about = { id: `watcher-1:${told}`, type, pen, workload, partition, atMs, data };
    // Its place in the log is given when it is told.
    const input = { ...about, source: '/flyball/watcher', seq: 0 } as unknown as RecordedEvent;
    inputs.push({ atMs, input });
  };

  const sample = (second: number, atMs: number, partial: boolean): void => {
    const source = sources[upTo(sources.length)] ?? '';
    const named = partial ? workloads.slice(0, 1) : workloads.filter(() => random() < 0.7);
    const milli = named.map(() => (random() < 0.05 ? null : upTo(1e9)));
    const data = {
      source,
      secondAtMs: startMs + second * 1000,
      partial,
      rows: {
        workloads: named,
        concurrencyMilli: milli,
        requestsMilli: milli.map((one) => (one === null ? null : one * 3)),
        inFlight: named.map(() => upTo(40)),
        traceparents: named.map(() => null),
      },
      covered: partial ? [] : workloads.filter((key) => !named.includes(key) && random() < 0.5),
    };
    const event = { type: 'SamplesReported', pen: 'samples', partition, atMs, data } as const;
    const stored = { id: `${source}:${atMs}`, source: `/flyball/${source}`, receivedAtMs: atMs };
    // Numbered when all are in order.
    inputs.push({ atMs, input: { ...event, ...stored, seq: 0 } as SampleBatch });
  };

  for (const [index, workload] of workloads.entries()) {
    tell('PolicySet', workload, startMs, { policy: { ...storyPolicy, ...windows[index] } });
    tell('PodAppeared', workload, startMs, { pod: 'pod-0' });
    tell('PodReady', workload, startMs, { pod: 'pod-0' });
  }
  for (let second = 0; second < seconds; second += 1) {
    const atMs = startMs + second * 1000;
    if (second % 2 === 0) {
      inputs.push({ atMs: atMs + 200, input: { type: 'TickDue', atMs: atMs + 200 } });
    }
    for (let batch = 0; batch < sources.length; batch += 1) {
      const lateMs = random() < 0.85 ? upTo(100) : upTo(lateMaxS * 1000);
      if (random() < 0.9) sample(second, atMs + 1000 + lateMs, false);
    }
    if (random() < 0.3) sample(second, atMs + 500, true);
    const workload = workloads[upTo(workloads.length)] ?? 'a/one';
    const chance = random();
    const policy = { ...storyPolicy, ...windows[upTo(windows.length)] };
    if (chance < 0.02) tell('PolicySet', workload, atMs + 700, { policy });
    else if (chance < 0.03) tell('PodGone', workload, atMs + 700, { pod: 'pod-0' });
    else if (chance < 0.05) tell('PodReady', workload, atMs + 700, { pod: 'pod-0' });
  }
  const ordered = inputs.sort((one, other) => one.atMs - other.atMs).map(({ input }) => input);
  return ordered.map((input) => {
    if (input.type !== 'SamplesReported') return input;
    samplesSeq += 1;
    return { ...(input as SampleBatch), seq: samplesSeq };
  });
};
