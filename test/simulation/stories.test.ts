/** What the simulation once found, as stories of their own: each must stay as it was mended. */
import { describe, expect, it } from 'vitest';
import { drawPlan } from './faults/draw-plan.ts';
import type { Fault, Plan, ScriptAct } from './plan.ts';
import { judgePlan } from './simulate.ts';
import { calm } from './world/weather.ts';

interface Story {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** Seeds whose worlds and loads showed it. */
  readonly seeds: readonly number[];
}

const frozen = (process: string, atMs: number, forMs: number): Fault => ({
  kind: 'freeze',
  atMs,
  process,
  forMs,
});

const scaleAnswers = (
  atMs: number,
  answer: Extract<Fault, { kind: 'platform answers' }>['answer'],
  times: number,
): Fault => ({ kind: 'platform answers', atMs, call: 'scale', answer, times });

const skewed = (process: string, atMs: number, byMs: number): Fault => ({
  kind: 'skew',
  atMs,
  process,
  byMs,
});

const slowRoads = { ...calm, delayed: 0.1, delayMsMax: 800, lost: 0.02, fatal: 0.001 };

const stories: readonly Story[] = [
  {
    name: 'the answer to the renewal of a lease gets lost: the partition is owned again',
    faults: [{ kind: 'roads', atMs: 2_580, forMs: 15_000, rates: { ...calm, answerLost: 0.05 } }],
    seeds: [17, 21],
  },
  {
    name: 'a wake that is obeyed late does not stand over a newer decision',
    faults: [
      frozen('actuator-1', 4_379, 5_771),
      { kind: 'cut', atMs: 5_172, process: 'windower-1', forMs: 2_911 },
    ],
    seeds: [64, 9],
  },
  {
    name: 'a wake takes nothing away from what somebody has added meanwhile',
    faults: [
      frozen('windower-1', 1_296, 4_572),
      { kind: 'drift', atMs: 4_863, workload: 'default/web', replicas: 3 },
    ],
    seeds: [4_562],
  },
  {
    name: 'tries for a decision, a wake and the decision again each have an id of their own',
    faults: [scaleAnswers(1_887, 'gone', 4), frozen('decider-1', 9_712, 3_365)],
    seeds: [9, 7],
  },
  {
    name: 'what the platform refused is tried again, though nothing new is decided',
    faults: [scaleAnswers(6_348, 'refused', 4)],
    seeds: [20, 4],
  },
  {
    name: 'a subject that lost all it had is fenced, also when the log has grown again',
    faults: [
      { kind: 'roads', atMs: 540, forMs: 17_000, rates: { ...calm, delayed: 0.3, delayMsMax: 50 } },
      { kind: 'lose tail', atMs: 2_244, stream: 'EVENTS', messages: 10, busy: false, forMs: 1_986 },
    ],
    seeds: [33, 47],
  },
  {
    name: 'a decision that was under way is not stored once the log has lost its tick',
    faults: [
      {
        kind: 'roads',
        atMs: 540,
        forMs: 17_000,
        rates: { ...calm, delayed: 0.5, delayMsMax: 400 },
      },
      { kind: 'lose tail', atMs: 12_330, stream: 'EVENTS', messages: 1, busy: false, forMs: 300 },
    ],
    seeds: [1, 5],
  },
  {
    name: 'replicas that a lost tail decided are put right, whoever wrote them',
    faults: [
      { kind: 'lose tail', atMs: 15_867, stream: 'EVENTS', messages: 20, busy: false, forMs: 383 },
    ],
    seeds: [145, 133],
  },
  {
    name: 'a write whose answer got lost is known before the next decision goes back',
    faults: [scaleAnswers(12_439, 'answer-lost', 2), scaleAnswers(14_233, 'refused', 3)],
    seeds: [247, 20],
  },
  {
    name: 'an owner that dies between its write and its event leaves nothing unexplained',
    faults: [1, 2, 3].map((number) => ({
      kind: 'ambush' as const,
      atMs: 3_000 * number,
      process: 'actuator-1',
      call: 'scale',
      strike: 'kill after' as const,
      forMs: 0,
    })),
    seeds: [2, 7, 64],
  },
  {
    name: 'where requests are led is asked for again when a lost tail forgets it',
    faults: [
      { kind: 'roads', atMs: 8_025, forMs: 9_975, rates: slowRoads },
      { kind: 'lose tail', atMs: 16_454, stream: 'EVENTS', messages: 6, busy: false, forMs: 1_471 },
    ],
    seeds: [510_123],
  },
  {
    name: 'what waits behind a fact that could not be told is not told instead',
    faults: [
      { kind: 'cut', atMs: 1_130, process: 'windower-1', forMs: 5_558 },
      { kind: 'restart bus', atMs: 2_665, forMs: 2_916 },
      { kind: 'lose pod', atMs: 4_134, number: 11 },
    ],
    seeds: [15_760],
  },
  {
    name: 'a windower whose clock jumps ahead goes on ticking by the time of the log',
    faults: [skewed('windower-1', 6_000, 30_000), skewed('windower-1', 12_000, 0)],
    seeds: [3, 12],
  },
  {
    name: 'a windower that starts with a clock ahead does not date its first tick by it',
    faults: [
      skewed('windower-1', 5_000, 30_000),
      { kind: 'kill', atMs: 5_001, process: 'windower-1' },
    ],
    seeds: [3, 12],
  },
  {
    name: 'a decision stored after the word of its tick is no drift to a second owner',
    faults: [
      {
        kind: 'roads',
        atMs: 7_264,
        forMs: 10_736,
        rates: {
          ...calm,
          delayed: 0.1,
          delayMsMax: 5,
          lost: 0.1,
          answerLost: 0.02,
          reordered: true,
        },
      },
      { kind: 'rival', atMs: 7_403, shell: 'actuator', forMs: 7_692 },
      { kind: 'rival', atMs: 11_595, shell: 'windower', forMs: 6_405 },
      {
        kind: 'roads',
        atMs: 14_349,
        forMs: 3_651,
        rates: { ...calm, delayed: 0.5, delayMsMax: 50, reordered: true },
      },
      { kind: 'rival', atMs: 14_966, shell: 'actuator', forMs: 3_034 },
    ],
    seeds: [19_650],
  },
];

const planOf = (seed: number, faults: readonly Fault[]): Plan => ({ ...drawPlan(seed), faults });

describe('once found by a seed', () => {
  it.each(stories)('$name', async ({ faults, seeds }) => {
    for (const seed of seeds) {
      const { wrong } = await judgePlan(planOf(seed, faults));
      expect(wrong, `seed ${seed}`).toEqual([]);
    }
  });
});

/** Workloads went to zero, and are asked once more while no tick comes: that is long past then. */
const wokenWithoutTicks = (seed: number): Plan => {
  const drawn = drawPlan(seed);
  const phases = [1_500, 33_000].flatMap((atMs) => [
    { atMs, users: 1 },
    { atMs: atMs + 100, users: 0 },
  ]);
  const quick = { serviceMsMin: 150, serviceMsMax: 150, long: 0, patienceMs: 9_000, phases };
  const isAtZero = { 'autoscaling.knative.dev/initial-scale': '0' };
  const noFloor = { 'autoscaling.knative.dev/min-scale': '0' };
  return {
    ...drawn,
    replicas: { ...drawn.replicas, windower: 1 },
    workloads: drawn.workloads.map((one) => ({ ...one, ...quick })),
    script: drawn.script.flatMap((step): ScriptAct[] => {
      if (step.kind !== 'apply') return step.kind === 'delete' ? [] : [step];
      const annotations = { ...step.annotations, ...isAtZero, ...noFloor };
      return step.atMs < 2_000 ? [{ ...step, annotations, replicas: 0 }] : [];
    }),
    faults: [{ kind: 'cut', atMs: 28_000, process: 'windower-1', forMs: 14_000 }],
    calmAtMs: 43_000,
    endAtMs: 93_000,
  };
};

it('a workload that was woken goes back to zero, though no tick has seen its request', async () => {
  for (const seed of [1, 2, 3]) {
    const { wrong, ran } = await judgePlan(wokenWithoutTicks(seed));
    expect(wrong, `seed ${seed}`).toEqual([]);
    const wakes = ran.world.observer.messages.filter(({ body }) => body.includes('"woken"'));
    expect(wakes, `seed ${seed}`).not.toEqual([]);
  }
});
