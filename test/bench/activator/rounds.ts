/** Contestants measured in turns on one machine, so that what disturbs one disturbs all. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from './closed-loop.ts';
import { benchHost, type Contestant, type ContestantName } from './contestants.ts';
import { processorSeconds } from './processor-time.ts';

export interface Visit {
  /** Processor time per request, millionths of a second. */
  readonly microseconds: number;
  readonly perSecond: number;
}

/** What each contestant did in one round. */
export type Round<Name extends string = ContestantName> = ReadonlyMap<Name, Visit>;

export interface RoundOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** What is done after the load, and belongs to it, is done by then; 0 unless given. */
  readonly settleMs?: number;
  /** No further round begins after this time. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** Between two visits: what the first left behind must not be booked on the second. */
const restMs = 100;
const warmUpSeconds = 1;
const million = 1_000_000;

const visit = async (
  load: Load,
  one: Contestant<string>,
  { seconds, settleMs = 0 }: RoundOptions,
): Promise<Visit> => {
  await sleep(restMs);
  const before = processorSeconds(one.pid);
  const result = await load.run(one.port, benchHost, seconds);
  await sleep(settleMs);
  const used = processorSeconds(one.pid) - before;
  if (result.bad > 0 || result.requests === 0) {
    throw new Error(`${one.name}: ${result.bad} of ${result.requests} requests went wrong`);
  }
  return {
    microseconds: (used * million) / result.requests,
    perSecond: result.requests / result.seconds,
  };
};

/** Visits all in each round, every other round in reverse order. */
export const runRounds = async <Name extends string>(
  load: Load,
  contestants: readonly Contestant<Name>[],
  options: RoundOptions,
): Promise<readonly Round<Name>[]> => {
  const startedMs = performance.now();
  for (const one of contestants) await load.run(one.port, benchHost, warmUpSeconds);
  const rounds: Round<Name>[] = [];
  while (rounds.length < options.rounds) {
    if (options.signal.aborted || performance.now() - startedMs > options.limitMs) break;
    const order = rounds.length % 2 === 0 ? contestants : contestants.toReversed();
    const round = new Map<Name, Visit>();
    for (const one of order) round.set(one.name, await visit(load, one, options));
    rounds.push(round);
    options.tell(`round ${rounds.length} of ${options.rounds}`);
  }
  return rounds;
};

/** The middle value; the mean of the two middle ones of an even number. NaN of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
};

/** Processor time per request of `ours` over that of `theirs`, in each round that has both. */
export const ratiosOf = <Name extends string>(
  rounds: readonly Round<Name>[],
  ours: Name,
  theirs: Name,
): readonly number[] =>
  rounds.flatMap((round) => {
    const [one, other] = [round.get(ours), round.get(theirs)];
    return one === undefined || other === undefined ? [] : [one.microseconds / other.microseconds];
  });

/** The median of one contestant's processor time per request. */
export const microsecondsOf = <Name extends string>(
  rounds: readonly Round<Name>[],
  name: Name,
): number => median(rounds.flatMap((round) => round.get(name)?.microseconds ?? []));

/** The median of one contestant's requests per second. */
export const perSecondOf = <Name extends string>(
  rounds: readonly Round<Name>[],
  name: Name,
): number => median(rounds.flatMap((round) => round.get(name)?.perSecond ?? []));
