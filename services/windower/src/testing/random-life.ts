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

interface Told {
  readonly atMs: number;
  readonly input: WindowerInput;
}

type Random = () => number;
const upTo = (random: Random, count: number): number => Math.floor(random() * count);

/** Its place in the log, and what makes its id its own, are given when all are in order. */
const toldOf = (
  type: RecordedEvent['type'],
  workload: WorkloadKey,
  { atMs, data }: { readonly atMs: number; readonly data: unknown },
): Told => {
  const pen = type === 'PolicySet' ? 'policy' : 'platform';
  const about = { type, pen, workload, partition, atMs, data };
  const input = { ...about, id: '', source: '/flyball/watcher', seq: 0 };
  return { atMs, input: input as unknown as RecordedEvent };
};

const sampleOf = (
  random: Random,
  second: number,
  place: { atMs: number; partial: boolean },
): Told => {
  const { atMs, partial } = place;
  const source = sources[upTo(random, sources.length)] ?? '';
  const named = partial ? workloads.slice(0, 1) : workloads.filter(() => random() < 0.7);
  const milli = named.map(() => (random() < 0.05 ? null : upTo(random, 1e9)));
  const data = {
    ...{ source, secondAtMs: startMs + second * 1000, partial },
    rows: {
      workloads: named,
      concurrencyMilli: milli,
      requestsMilli: milli.map((one) => (one === null ? null : one * 3)),
      inFlight: named.map(() => upTo(random, 40)),
      traceparents: named.map(() => null),
    },
    covered: partial ? [] : workloads.filter((key) => !named.includes(key) && random() < 0.5),
  };
  const event = { type: 'SamplesReported', pen: 'samples', partition, atMs, data } as const;
  const stored = { id: `${source}:${atMs}`, source: `/flyball/${source}`, receivedAtMs: atMs };
  return { atMs, input: { ...event, ...stored, seq: 0 } as SampleBatch };
};

/** One second: batches of most sources, now and then late, a poke, and what the watcher sees. */
const secondOf = (random: Random, second: number): readonly Told[] => {
  const atMs = startMs + second * 1000;
  const told: Told[] = [];
  if (second % 2 === 0) {
    told.push({ atMs: atMs + 200, input: { type: 'TickDue', atMs: atMs + 200 } });
  }
  for (const _ of sources) {
    const lateMs = random() < 0.85 ? upTo(random, 100) : upTo(random, lateMaxS * 1000);
    const place = { atMs: atMs + 1000 + lateMs, partial: false };
    if (random() < 0.9) told.push(sampleOf(random, second, place));
  }
  if (random() < 0.3) told.push(sampleOf(random, second, { atMs: atMs + 500, partial: true }));
  const workload = workloads[upTo(random, workloads.length)] ?? 'a/one';
  const chance = random();
  const policy = { ...storyPolicy, ...windows[upTo(random, windows.length)] };
  const seenAtMs = atMs + 700;
  const pod = { atMs: seenAtMs, data: { pod: 'pod-0' } };
  if (chance < 0.02) told.push(toldOf('PolicySet', workload, { ...pod, data: { policy } }));
  else if (chance < 0.03) told.push(toldOf('PodGone', workload, pod));
  else if (chance < 0.05) told.push(toldOf('PodReady', workload, pod));
  return told;
};

/** What a windower is told, without its own ticks: those come back from whoever runs it. */
export const randomLife = (seed: number, seconds: number): readonly WindowerInput[] => {
  const random = randomFrom(seed);
  const pod = { atMs: startMs, data: { pod: 'pod-0' } };
  const begun = workloads.flatMap((workload, index) => [
    toldOf('PolicySet', workload, {
      atMs: startMs,
      data: { policy: { ...storyPolicy, ...windows[index] } },
    }),
    toldOf('PodReady', workload, pod),
  ]);
  const lived = Array.from({ length: seconds }, (_, second) => secondOf(random, second)).flat();
  const ordered = [...begun, ...lived].sort((one, other) => one.atMs - other.atMs);
  let samplesSeq = 0;
  return ordered.map(({ input }, index): WindowerInput => {
    if (input.type === 'TickDue') return input;
    if (input.type !== 'SamplesReported') {
      return { ...(input as RecordedEvent), id: `watcher-1:${index}` } as RecordedEvent;
    }
    samplesSeq += 1;
    return { ...(input as SampleBatch), seq: samplesSeq };
  });
};
