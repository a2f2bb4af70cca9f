/** What an ordinary request costs the activator with tracing off, of 1 % and of all of them. */
import { openLoad } from '../activator/closed-loop.ts';
import { type Contestant, startActivator, startPods } from '../activator/contestants.ts';
import {
  median,
  microsecondsOf,
  perSecondOf,
  type Round,
  ratiosOf,
  runRounds,
} from '../activator/rounds.ts';
import type { BenchContext } from '../bench-context.ts';
import type { Ledger, Phase } from '../pipeline/phase.ts';
import type { Figure } from '../report/figure.ts';
import { processUse } from '../report/process-memory.ts';
import { figures } from './figures.ts';
import { type SinkProcess, startSinkProcess } from './start-sink.ts';

/** Two that are off: what lies between them is the noise of the others, too. */
const variants = ['off', 'off again', '1 %', 'all'] as const;
type Variant = (typeof variants)[number];

const ratios: Readonly<Record<Variant, string | undefined>> = {
  off: undefined,
  'off again': undefined,
  '1 %': '0.01',
  all: '1',
};

/** Spans leave at least twice a second: those of a load are on their way by then. */
const settleMs = 1_000;
const roundsLimitMs = 240_000;
const seconds = { fast: 1, usual: 3 } as const;

const startVariant = (
  stack: AsyncDisposableStack,
  name: Variant,
  { pods, sink }: { readonly pods: readonly number[]; readonly sink: SinkProcess },
): Promise<Contestant<Variant>> => {
  const ratio = ratios[name];
  const settings = { FLYBALL_TRACES_URL: sink.url, FLYBALL_TRACES_RATIO: ratio ?? '0' };
  return startActivator(stack, { name, pods, ...(ratio === undefined ? {} : { settings }) });
};

const spread = (values: readonly number[]): string =>
  `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)} over the rounds`;

/** What both that are off took in a round, on an average: half the noise of one of them. */
const offIn = (round: Round<Variant>): number | undefined => {
  const [one, other] = [round.get('off'), round.get('off again')];
  if (one === undefined || other === undefined) return undefined;
  return (one.microseconds + other.microseconds) / 2;
};

const ratiosToOff = (rounds: readonly Round<Variant>[], name: Variant): readonly number[] =>
  rounds.flatMap((round) => {
    const [own, off] = [round.get(name)?.microseconds, offIn(round)];
    return own === undefined || off === undefined ? [] : [own / off];
  });

const addRatio = (
  ledger: Ledger,
  figure: Figure,
  { rounds, name }: { readonly rounds: readonly Round<Variant>[]; readonly name: Variant },
): void => {
  const isNoise = name === 'off again';
  const values = isNoise ? ratiosOf(rounds, name, 'off') : ratiosToOff(rounds, name);
  const off = isNoise
    ? microsecondsOf(rounds, 'off')
    : median(rounds.flatMap((one) => offIn(one) ?? []));
  ledger.add(figure, ...values);
  const own = microsecondsOf(rounds, name);
  ledger.note(figure, `${own.toFixed(1)} µs ÷ ${off.toFixed(1)} µs; ${spread(values)}`);
};

const addMemory = async (
  ledger: Ledger,
  figure: Figure,
  one: Contestant<Variant> | undefined,
): Promise<void> => {
  const use = one === undefined ? undefined : await processUse(one.pid);
  if (use === undefined) ledger.note(figure, 'there is no /proc here');
  else ledger.add(figure, use.residentMib);
};

export interface RequestCostOptions {
  readonly rounds: number;
  /** Told what a reader must know of how it was measured. */
  readonly note: (line: string) => void;
}

/** All variants live at once and are visited in turns, every other round in reverse order. */
const measure = async (
  ledger: Ledger,
  { env, fast, signal, tell }: BenchContext,
  options: RequestCostOptions,
): Promise<void> => {
  const path = env.PATH ?? '';
  await using stack = new AsyncDisposableStack();
  const sink = await startSinkProcess(stack);
  const pods = await startPods(stack, path);
  const contestants: Contestant<Variant>[] = [];
  for (const name of variants) contestants.push(await startVariant(stack, name, { pods, sink }));
  const load = openLoad(path);
  const visit = { seconds: fast ? seconds.fast : seconds.usual, settleMs };
  const limits = { rounds: options.rounds, limitMs: roundsLimitMs, signal, tell };
  const rounds = await runRounds(load, contestants, { ...limits, ...visit });
  const of = (name: Variant) => contestants.find((one) => one.name === name);
  addRatio(ledger, figures.noise, { rounds, name: 'off again' });
  addRatio(ledger, figures.one, { rounds, name: '1 %' });
  addRatio(ledger, figures.all, { rounds, name: 'all' });
  await addMemory(ledger, figures.memoryOff, of('off'));
  await addMemory(ledger, figures.memoryAll, of('all'));
  const throughput = variants.map((name) => `${name} ${perSecondOf(rounds, name).toFixed(0)}`);
  options.note(
    `${rounds.length} alternated rounds of ${visit.seconds} s, ${load.tool}, 50 connections; ` +
      'ratios are medians of same-round ratios',
  );
  const received = await sink.received();
  options.note(`requests/s: ${throughput.join(', ')}; ${received} spans came, two of a request`);
};

export const requestCost = (context: BenchContext, options: RequestCostOptions): Phase => ({
  title: 'Requests: off, off again, 1 % and all of them told',
  figures: [figures.noise, figures.one, figures.all, figures.memoryOff, figures.memoryAll],
  run: (ledger) => measure(ledger, context, options),
});
