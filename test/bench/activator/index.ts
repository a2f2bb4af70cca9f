/** The benchmark of the data path: what a request costs here, beside well-known proxies. */
import { cpus, loadavg } from 'node:os';
import type { Figure, Measured } from '../report/figure.ts';
import { openLoad } from './closed-loop.ts';
import { type Arena, benchHost, type ContestantName, openArena } from './contestants.ts';
import { steadyLoad } from './open-loop.ts';
import { median, microsecondsOf, perSecondOf, type Round, ratiosOf, runRounds } from './rounds.ts';

export interface ActivatorBenchOptions {
  /** Rounds in which every contestant is visited once. Default 5. */
  readonly rounds?: number;
  /** Seconds of one visit. Default 2. */
  readonly seconds?: number;
  /** Build Knative's activator chain when it is not there yet; takes minutes. */
  readonly knative?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** The closed-loop rounds end by then; the rest takes some twenty seconds. */
const roundsLimitMs = 120_000;
const steady = { perSecond: 1_000, seconds: 2 } as const;
const steadyRounds = 3;

interface RatioFigure {
  readonly theirs: ContestantName;
  readonly than: string;
  readonly most: number;
}

/** The bars of the design, each for the core and for the whole service. */
const references: readonly RatioFigure[] = [
  { theirs: 'go', than: 'Go ReverseProxy', most: 1 },
  { theirs: 'haproxy', than: 'HAProxy, one thread', most: 3.5 },
  { theirs: 'knative', than: "Knative's activator chain", most: 0.6 },
];

const titles = {
  core: 'forwarding core, counting, no events',
  activator: 'whole activator, events to NATS',
} as const;

interface RatioWanted {
  readonly id: string;
  readonly title: string;
  readonly most: number;
}

const atMost =
  (most: number): NonNullable<Figure['meets']> =>
  ({ p50 }) =>
    p50 <= most;

const spreadOf = (values: readonly number[]): string =>
  `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;

/** One value a round; the bar is about their median. */
const ratioOf = (
  rounds: readonly Round[],
  ours: ContestantName,
  theirs: ContestantName,
  { id, title, most }: RatioWanted,
): Measured => {
  const values = ratiosOf(rounds, ours, theirs);
  const figure: Figure = {
    ...{ id, title, unit: '×', bar: `≤ ${most}`, knative: '' },
    meets: atMost(most),
  };
  if (values.length === 0) return { figure, values, note: `${theirs} is not here` };
  const [own, other] = [microsecondsOf(rounds, ours), microsecondsOf(rounds, theirs)];
  const note = `${own.toFixed(0)} µs ÷ ${other.toFixed(0)} µs; ${spreadOf(values)} over the rounds`;
  return { figure, values, note };
};

const besideReference = (
  rounds: readonly Round[],
  ours: 'core' | 'activator',
  { theirs, than, most }: RatioFigure,
): Measured => {
  const title = `CPU per request: ${titles[ours]} ÷ ${than}`;
  return ratioOf(rounds, ours, theirs, { id: `cpu-${ours}-over-${theirs}`, title, most });
};

/** What events cost: the service that tells everything over the core that tells nothing. */
const eventsFigure = (rounds: readonly Round[]): Measured =>
  ratioOf(rounds, 'activator', 'core', {
    ...{ id: 'cpu-events', title: 'CPU per request: events on ÷ off', most: 1.02 },
  });

const addedFigure = async ({ directPort, contestants }: Arena): Promise<Measured> => {
  const ours = contestants.find(({ name }) => name === 'activator');
  const rounds: { readonly direct: number; readonly through: number }[] = [];
  for (let round = 0; round < steadyRounds && ours !== undefined; round += 1) {
    const direct = median(await steadyLoad(directPort, benchHost, steady));
    const through = median(await steadyLoad(ours.port, benchHost, steady));
    rounds.push({ direct, through });
  }
  const middle = (pick: (one: (typeof rounds)[number]) => number) =>
    median(rounds.map(pick)).toFixed(2);
  const title = `p50 added at ${steady.perSecond} requests/s, open loop`;
  return {
    figure: {
      ...{ id: 'p50-added-ms', title, unit: 'ms', bar: '≤ 1 ms', knative: '' },
      meets: atMost(1),
    },
    values: rounds.map(({ direct, through }) => through - direct),
    note: `${middle((one) => one.through)} ms − ${middle((one) => one.direct)} ms direct`,
  };
};

const notesOf = (arena: Arena, rounds: readonly Round[], tool: string): string[] => {
  const throughput = arena.contestants
    .map(({ name }) => `${name} ${perSecondOf(rounds, name).toFixed(0)}`)
    .join(', ');
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`;
  return [
    `${machine}, load average ${(loadavg()[0] ?? Number.NaN).toFixed(1)}, node ${process.version}`,
    `${rounds.length} alternated rounds, ${tool}, 50 connections, 100-byte answers; ratios are ` +
      'medians of same-round ratios, good to about a tenth',
    `requests/s: ${throughput}`,
    ...arena.missing,
  ];
};

export interface ActivatorResults {
  readonly measured: readonly Measured[];
  /** How it was measured, what is missing and how to get it: one line each. */
  readonly notes: readonly string[];
}

/** Measures everything once. Rejects when a contestant answers wrongly or does not start. */
export const runActivatorBench = async (
  options: ActivatorBenchOptions,
): Promise<ActivatorResults> => {
  const { signal, tell, rounds = 5, seconds = 2, knative = false } = options;
  const path = options.env.PATH ?? '';
  await using stack = new AsyncDisposableStack();
  const arena = await openArena(stack, { path, knative, tell });
  for (const line of arena.missing) tell(line);
  const load = openLoad(path);
  const limits = { rounds, seconds, limitMs: roundsLimitMs, signal, tell };
  const done = await runRounds(load, arena.contestants, limits);
  const added = await addedFigure(arena);
  const measured = [
    ...references.map((figure) => besideReference(done, 'core', figure)),
    ...references.map((figure) => besideReference(done, 'activator', figure)),
    eventsFigure(done),
    added,
  ];
  return { measured, notes: notesOf(arena, done, load.tool) };
};
