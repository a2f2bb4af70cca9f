/** The benchmark of the data path: what a request costs here, beside well-known proxies. */
import { cpus, loadavg } from 'node:os';
import type { BenchRow, BenchTable } from './bench-table.ts';
import { openLoad } from './closed-loop.ts';
import { type Arena, benchHost, type ContestantName, openArena } from './contestants.ts';
import { steadyLoad } from './open-loop.ts';
import { median, microsecondsOf, perSecondOf, type Round, ratiosOf, runRounds } from './rounds.ts';

export { type BenchTable, formatBenchTable } from './bench-table.ts';

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

const verdictOf = (value: number | null, most: number): BenchRow['verdict'] => {
  if (value === null) return 'not measured';
  return value <= most ? 'met' : 'MISSED';
};

const ratioRow = (
  rounds: readonly Round[],
  ours: 'core' | 'activator',
  { theirs, than, most }: RatioFigure,
): BenchRow => {
  const values = ratiosOf(rounds, ours, theirs);
  const value = values.length === 0 ? null : median(values);
  const [own, other] = [microsecondsOf(rounds, ours), microsecondsOf(rounds, theirs)];
  return {
    id: `cpu-${ours}-over-${theirs}`,
    figure: `CPU per request: ${titles[ours]} ÷ ${than}`,
    bar: `≤ ${most}`,
    measured: value === null ? '' : `${own.toFixed(0)} µs ÷ ${other.toFixed(0)} µs`,
    value,
    values,
    verdict: verdictOf(value, most),
  };
};

/** What events cost: the service that tells everything over the core that tells nothing. */
const eventsRow = (rounds: readonly Round[]): BenchRow => ({
  ...ratioRow(rounds, 'activator', { theirs: 'core', than: titles.core, most: 1.02 }),
  id: 'cpu-events',
  figure: 'CPU per request: events on ÷ off',
});

const addedRow = async ({ directPort, contestants }: Arena): Promise<BenchRow> => {
  const ours = contestants.find(({ name }) => name === 'activator');
  const rounds: { readonly direct: number; readonly through: number }[] = [];
  for (let round = 0; round < steadyRounds && ours !== undefined; round += 1) {
    const direct = median(await steadyLoad(directPort, benchHost, steady));
    const through = median(await steadyLoad(ours.port, benchHost, steady));
    rounds.push({ direct, through });
  }
  const values = rounds.map(({ direct, through }) => through - direct);
  const value = values.length === 0 ? null : median(values);
  const middle = (pick: (one: (typeof rounds)[number]) => number) =>
    median(rounds.map(pick)).toFixed(2);
  return {
    id: 'p50-added-ms',
    figure: `p50 added at ${steady.perSecond} requests/s, open loop`,
    bar: '≤ 1 ms',
    measured: `${middle((one) => one.through)} ms − ${middle((one) => one.direct)} ms direct`,
    value,
    values,
    verdict: verdictOf(value, 1),
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

/** Measures everything once. Rejects when a contestant answers wrongly or does not start. */
export const runActivatorBench = async (options: ActivatorBenchOptions): Promise<BenchTable> => {
  const { signal, tell, rounds = 5, seconds = 2, knative = false } = options;
  const path = options.env.PATH ?? '';
  await using stack = new AsyncDisposableStack();
  const arena = await openArena(stack, { path, knative, tell });
  for (const line of arena.missing) tell(line);
  const load = openLoad(path);
  const limits = { rounds, seconds, limitMs: roundsLimitMs, signal, tell };
  const measured = await runRounds(load, arena.contestants, limits);
  const added = await addedRow(arena);
  const rows = [
    ...references.map((figure) => ratioRow(measured, 'core', figure)),
    ...references.map((figure) => ratioRow(measured, 'activator', figure)),
    eventsRow(measured),
    added,
  ];
  return { rows, notes: notesOf(arena, measured, load.tool) };
};
