/** Draws the faults of one run: first which kinds there are at all, then what happens when. */
import type { WorkloadKey } from '@flyball/contracts';
import { type Fault, type FaultKind, type Plan, type ShellName, shellNames } from '../plan.ts';
import type { Random } from '../world/random.ts';

/** The share of the kinds that a run has. */
const kindShare = 0.35;
const faultsMax = 10;
/** Tails that are no longer than this are lost while what follows from them is on its way … */
const busyTailMost = 12;
/** … if there is so much time left: until the next tick, and what is on its way. */
const busyTailMs = 4_500;

export interface FaultScene {
  readonly replicas: Plan['replicas'];
  readonly workloads: readonly WorkloadKey[];
  /** Every fault has ended by then. */
  readonly untilMs: number;
}

interface Drawing {
  readonly random: Random;
  readonly scene: FaultScene;
  readonly atMs: number;
  /** From `atMs` to the end of all faults. */
  readonly leftMs: number;
}

const processOf = (
  { random, scene }: Drawing,
  shells: readonly ShellName[] = shellNames,
): string => {
  const shell = random.pick(shells);
  return `${shell}-${random.between(1, scene.replicas[shell])}`;
};

const lasting = ({ random, leftMs }: Drawing, most: number): number =>
  Math.min(leftMs, random.between(100, most));

const ambushCalls: readonly (readonly [ShellName, readonly string[]])[] = [
  ['windower', ['append EVENTS', 'append MINUTES', 'write', 'load', 'put snapshots']],
  ['decider', ['append EVENTS', 'put snapshots', 'set leases', 'get snapshots']],
  ['actuator', ['scale', 'scale', 'scale', 'route', 'append EVENTS', 'get']],
  ['watcher', ['append EVENTS', 'put snapshots', 'purge EVENTS']],
  ['activator', ['append EVENTS', 'append SAMPLES', 'put leases']],
];

const draws: { readonly [Kind in FaultKind]: (drawing: Drawing) => Omit<Fault, 'kind' | 'atMs'> } =
  {
    kill: (drawing) => ({ process: processOf(drawing) }),
    drain: (drawing) => ({
      process: processOf(drawing, ['windower', 'decider', 'actuator', 'watcher']),
    }),
    freeze: (drawing) => ({ process: processOf(drawing), forMs: lasting(drawing, 6_000) }),
    cut: (drawing) => ({ process: processOf(drawing), forMs: lasting(drawing, 6_000) }),
    skew: (drawing) => {
      const process = processOf(drawing);
      const byMs = drawing.random.pick([-8_000, -2_500, -400, 300, 1_700, 4_500, 30_000]);
      return { process, byMs };
    },
    ambush: (drawing) => {
      const [shell, calls] = drawing.random.pick(ambushCalls);
      return {
        process: processOf(drawing, [shell]),
        call: drawing.random.pick(calls),
        strike: drawing.random.pick(['freeze', 'kill before', 'kill after']),
        forMs: lasting(drawing, 6_000),
      };
    },
    rival: (drawing) => ({
      shell: drawing.random.pick(['windower', 'decider', 'actuator', 'watcher']),
      forMs: lasting(drawing, 10_000),
    }),
    'restart bus': (drawing) => ({ forMs: lasting(drawing, 4_000) }),
    'lose tail': (drawing) => {
      const stream = drawing.random.pick(['EVENTS', 'EVENTS', 'SAMPLES', 'MINUTES'] as const);
      const messages = drawing.random.between(1, 30);
      const busy = messages <= busyTailMost && drawing.leftMs > busyTailMs;
      return { stream, messages, busy, forMs: lasting(drawing, 2_000) };
    },
    'empty windows': () => ({}),
    'stale windows': (drawing) => ({ byMs: lasting(drawing, 6_000) }),
    'windows away': (drawing) => ({ forMs: lasting(drawing, 6_000) }),
    'platform answers': ({ random }) => ({
      call: random.pick(['get', 'scale', 'scale', 'route']),
      answer: random.pick(['conflict', 'gone', 'refused', 'overloaded', 'timeout', 'answer-lost']),
      times: random.between(1, 4),
    }),
    blind: (drawing) => ({ forMs: lasting(drawing, 8_000) }),
    'pod start': ({ random }) => ({
      start: { stepsMin: 1, stepsMax: random.pick([5, 30, 80]), never: random.pick([0, 0.3, 1]) },
    }),
    'crash pod': ({ random }) => ({ number: random.between(0, 20) }),
    'lose pod': ({ random }) => ({ number: random.between(0, 20) }),
    drift: ({ random, scene }) => ({
      workload: random.pick(scene.workloads),
      replicas: random.between(0, 6),
    }),
    roads: ({ random, leftMs }) => ({
      forMs: leftMs,
      rates: {
        delayed: random.pick([0, 0.1, 0.5]),
        delayMsMax: random.pick([5, 50, 800]),
        lost: random.pick([0, 0, 0.02, 0.1]),
        answerLost: random.pick([0, 0, 0.02, 0.1]),
        doubled: random.pick([0, 0, 0.1]),
        reordered: random.chance(0.3),
        fatal: random.pick([0, 0, 0.001, 0.005]),
      },
    }),
  };

/** The kinds of this run, each as often as chance wants it; in the order of their times. */
export const drawFaults = (random: Random, scene: FaultScene): Fault[] => {
  const all = Object.keys(draws) as FaultKind[];
  const kinds = all.filter(() => random.chance(kindShare));
  if (kinds.length === 0) return [];
  const faults = Array.from({ length: random.between(1, faultsMax) }, () => {
    const kind = random.pick(kinds);
    const atMs = random.between(500, scene.untilMs - 500);
    const drawing = { random, scene, atMs, leftMs: scene.untilMs - atMs };
    return { kind, atMs, ...draws[kind](drawing) } as Fault;
  });
  return faults.sort((one, other) => one.atMs - other.atMs);
};
