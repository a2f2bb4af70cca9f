/** Runs a loop for each partition that this process owns, for as long as it owns it. */
import { OutsideError } from '@flyball/contracts';
import {
  type Abilities,
  type EventLog,
  holdLeases,
  type Lease,
  readPartitionCount,
} from '@flyball/event-log';
import { Gauge } from 'prom-client';
import { sleep } from './clock.ts';
import type { Life } from './life.ts';
import { createTurns, LeftStates, type Recovery } from './recovery-turns.ts';
import { retryPauseMs } from './retry.ts';

/** A loop that ran this long begins its pauses anew. */
const steadyAfterMs = 10_000;

/** What `run` may know of its lease. */
export interface Ownership {
  /** False as soon as the time is up, even before the signal could say so. */
  isHeld(): boolean;
  /** Of the log: a workload that belongs to another partition is not to be taken. */
  readonly partitionCount: number;
}

/** The time for which a partition is held: it ends with the signal. */
export interface Tenure {
  readonly signal: AbortSignal;
  readonly ownership: Ownership;
}

/** A lease, and what its loop shares with those before it and beside it. */
export interface Owning<Left> extends Ownership {
  readonly recovery: Recovery<Left>;
}

/** `Left` is what a loop leaves for the next one when its lease ran out. */
export interface OwnPartitionsOptions<Left> {
  readonly log: EventLog;
  /** The stage's name; the keys of its leases begin with it. */
  readonly stage: string;
  readonly life: Life;
  /** What this process can do: announced to those who must know it of every owner. */
  readonly abilities?: Abilities;
  /** Works on one partition until the signal aborts; a retriable OutsideError is run again. */
  run(partition: number, signal: AbortSignal, owning: Owning<Left>): Promise<void>;
}

interface Owned<Left> {
  readonly partitionCount: number;
  readonly options: OwnPartitionsOptions<Left>;
  readonly loops: Map<number, Promise<void>>;
  readonly left: LeftStates<Left>;
  /** Partitions whose last lease ran out: nobody has taken them, and they were not given back. */
  readonly ranOut: Set<number>;
  readonly turn: Recovery<Left>['turn'];
}

const runAgainAndAgain = async <Left>(
  { run, life }: OwnPartitionsOptions<Left>,
  partition: number,
  signal: AbortSignal,
  owning: Owning<Left>,
): Promise<void> => {
  let attempt = 0;
  while (!signal.aborted) {
    const startedMs = life.clock.monotonicMs();
    try {
      await run(partition, signal, owning);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof OutsideError) || !error.retriable) throw error;
      attempt = life.clock.monotonicMs() - startedMs > steadyAfterMs ? 1 : attempt + 1;
      life.logger.warn({ err: error, partition, attempt }, 'the partition is begun again');
      await sleep(life.clock, retryPauseMs(attempt), signal);
    }
  }
};

const recoveryOf = <Left>(
  { left, ranOut, turn }: Owned<Left>,
  partition: number,
): Recovery<Left> => ({
  turn,
  take: () => left.take(partition),
  leave: (one) => {
    if (ranOut.has(partition)) left.put(partition, one);
  },
});

const begin = <Left>(owned: Owned<Left>, partition: number, lease: Lease) => {
  const { options, loops, left } = owned;
  // The loop of the lease before this one must have ended: two would be rivals in one process.
  const before = loops.get(partition) ?? Promise.resolve();
  const loop = async (): Promise<void> => {
    await before;
    // Somebody else may have gone on from there: the stored snapshot is the nearer one.
    if (!lease.isContinued) left.take(partition);
    const { partitionCount } = owned;
    const recovery = recoveryOf(owned, partition);
    const owning = { isHeld: () => lease.isHeld(), partitionCount, recovery };
    try {
      await runAgainAndAgain(options, partition, lease.signal, owning);
    } catch (error) {
      options.life.crash(error);
    }
  };
  loops.set(partition, loop());
};

/**
 * Holds leases until the life ends; resolves at once. A lost lease aborts its loop; a bug in a loop
 * crashes the service.
 */
export const ownPartitions = async <Left = never>(
  options: OwnPartitionsOptions<Left>,
): Promise<void> => {
  const { log, stage, life } = options;
  const { logger } = life;
  const partitionCount = await readPartitionCount(log);
  const owned: Owned<Left> = {
    ...{ options, partitionCount, loops: new Map(), ranOut: new Set() },
    left: new LeftStates(life.clock),
    turn: createTurns(life.clock),
  };
  const gauge = new Gauge({
    name: `flyball_${stage}_partitions_owned`,
    help: 'Partitions that this process owns now.',
    registers: [life.metrics],
  });
  new Gauge({
    name: `flyball_${stage}_partitions`,
    help: 'Partitions of the log; each of them should be owned by one process of this kind.',
    registers: [life.metrics],
  }).set(partitionCount);
  const held = new Set<number>();
  life.run('leases', async (signal) => {
    const holder = holdLeases({
      bucket: log.leases,
      stage,
      instance: life.incarnation,
      partitionCount,
      ...(options.abilities === undefined ? {} : { abilities: options.abilities }),
      ...(life.hasEnded === undefined ? {} : { hasEnded: life.hasEnded }),
      signal,
      clock: life.clock,
      random: life.random,
      wallClockMs: () => life.clock.nowMs(),
      onStatus: (listener) => log.onStatus(listener),
      onGained: (partition, lease) => {
        held.add(partition);
        gauge.set(held.size);
        logger.info({ partition, isContinued: lease.isContinued }, 'partition gained');
        begin(owned, partition, lease);
      },
      onLost: async (partition, reason) => {
        held.delete(partition);
        if (reason === 'expired') owned.ranOut.add(partition);
        else owned.ranOut.delete(partition);
        gauge.set(held.size);
        logger.info({ partition, reason }, 'partition lost');
        await owned.loops.get(partition);
      },
      onTrouble: (error) => logger.warn({ err: error }, 'a lease call failed'),
    });
    await holder.ended;
    await Promise.all(owned.loops.values());
  });
};
