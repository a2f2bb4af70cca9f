/** How many ticks each stage does in a second of one core, apart and together. */
import type { Policy } from '@flyball/contracts';
import { workloadsOf } from './partition.ts';
import { createStages, type Stages } from './stages.ts';

export interface Rates {
  /** Ticks of the whole partition in a second of processor time, one value a round. */
  readonly windower: readonly number[];
  readonly decider: readonly number[];
  readonly together: readonly number[];
}

export interface RateOptions {
  readonly workloads: number;
  readonly policy: Partial<Policy>;
  readonly rounds: number;
  /** Of each workload; a few where nothing is said. */
  readonly podsPerWorkload?: number;
  /** A round has as many minutes as fit into this processor time, but one at least. */
  readonly roundMs: number;
}

/** A round is whole minutes: at some of their ticks the minute before is recorded. */
const minuteTicks = 30;
const ticksMax = 600 * minuteTicks;
/** Code that was compiled for good, windows that are full where they are short. */
const warmMs = 1_000;
const warmTicksMin = 32;

const tickTogether = (stages: Stages): void => stages.decide(stages.observe(stages.prepare()));

/**
 * Processor time that `run` takes in all threads of this process, ms: what neighbours do to the
 * clock on the wall is no property of a stage.
 */
const timed = (run: () => void): number => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

/** Ticks until the code is warm; answers how many of them fit into a round. */
const warm = (stages: Stages, roundMs: number): number => {
  let [ticks, spentMs, lateMs, lateTicks] = [0, 0, 0, 0];
  while (ticks < warmTicksMin || spentMs < warmMs) {
    const tookMs = timed(() => tickTogether(stages));
    ticks += 1;
    spentMs += tookMs;
    // What the first ones take says nothing of those that will be measured.
    if (ticks > warmTicksMin / 2) [lateMs, lateTicks] = [lateMs + tookMs, lateTicks + 1];
  }
  const fitting = Math.floor((roundMs * lateTicks) / Math.max(1, lateMs));
  const wholeMinutes = Math.floor(fitting / minuteTicks) * minuteTicks;
  return Math.min(ticksMax, Math.max(minuteTicks, wholeMinutes));
};

const measureRound = (stages: Stages, ticks: number) => {
  let [windowerMs, deciderMs, togetherMs] = [0, 0, 0];
  for (let done = 0; done < ticks; done += minuteTicks) {
    const apart = Array.from({ length: minuteTicks }, () => stages.prepare());
    const observed: ReturnType<Stages['observe']>[] = [];
    windowerMs += timed(() => {
      for (const inputs of apart) observed.push(stages.observe(inputs));
    });
    deciderMs += timed(() => {
      for (const said of observed) stages.decide(said);
    });
    const inputs = Array.from({ length: minuteTicks }, () => stages.prepare());
    togetherMs += timed(() => {
      for (const one of inputs) stages.decide(stages.observe(one));
    });
  }
  return { windowerMs, deciderMs, togetherMs };
};

/** Measures one size of a partition; the stages see the same traffic in each round. */
export const measureRates = (options: RateOptions, signal: AbortSignal): Rates => {
  const { workloads, policy, podsPerWorkload } = options;
  const stages = createStages(workloadsOf(workloads), policy, { podsPerWorkload });
  const ticks = warm(stages, options.roundMs);
  const rounds = Array.from({ length: options.rounds }, () => {
    signal.throwIfAborted();
    return measureRound(stages, ticks);
  });
  const perSecond = (spentMs: number): number => (ticks * 1_000) / spentMs;
  return {
    windower: rounds.map(({ windowerMs }) => perSecond(windowerMs)),
    decider: rounds.map(({ deciderMs }) => perSecond(deciderMs)),
    together: rounds.map(({ togetherMs }) => perSecond(togetherMs)),
  };
};
