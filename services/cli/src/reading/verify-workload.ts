/** Verifies one workload's record: its decisions, its chains, its ledger of held requests. */
import {
  type FlyballEvent,
  partitionSubject,
  type RecordedEvent,
  subjectOf,
  type WorkloadKey,
} from '@flyball/contracts';
import {
  balanceOf,
  type DecidedUnread,
  type DecisionDifference,
  type LedgerBalance,
  replayInputs,
  verifyAroundUnread,
  verifyDecisions,
} from '@flyball/domain';
import {
  type ChainVerdict,
  instanceOf,
  type Reader,
  type RecordedWorkload,
  readDecoded,
  type UnreadableMessage,
} from '@flyball/reading';
import type { PutAside } from './put-aside.ts';

export interface VerifiedWorkload {
  readonly workload: WorkloadKey;
  /** Recorded decisions that were decided again. */
  readonly decisions: number;
  readonly differences: readonly DecisionDifference[];
  /** Made while the decider could not read what it had put aside; no differences. */
  readonly decidedUnread: readonly DecidedUnread[];
  /** What that was, of the inputs of this workload. */
  readonly putAside: readonly PutAside[];
  readonly chain: ChainVerdict;
  readonly ledger: LedgerBalance;
  readonly unreadable: readonly UnreadableMessage[];
  /** False: it has decisions, and nothing says through where the decider has made them all. */
  readonly isBounded: boolean;
  readonly ok: boolean;
}

/** How far a partition's decider has said that it has decided everything. */
export interface DecidedBound {
  /** Every decision on inputs through here is recorded. */
  readonly throughSeq: number;
  /** Where it said so. */
  readonly saidAtSeq: number;
}

/**
 * Read before anything else, so that what is decided meanwhile is not taken for a difference.
 * Undefined where the decider has not said it, or what it said last cannot be read.
 */
export const readDecidedBound = async (
  { log, partitionCount }: Reader,
  partition: number,
): Promise<DecidedBound | undefined> => {
  const last = await log.events.last(partitionSubject(partition, 'progress'));
  const event = last === undefined ? undefined : readDecoded(last, partitionCount);
  if (event?.type !== 'DecidedThrough') return undefined;
  return { throughSeq: event.data.throughSeq, saidAtSeq: event.seq };
};

type RecordedDecision = FlyballEvent<'Decided'> & { readonly seq: number };

const decisionsIn = (events: readonly RecordedEvent[]): readonly RecordedDecision[] =>
  events.filter((event) => event.type === 'Decided');

/** Decisions that must follow from the inputs through the bound. */
const dueDecisions = (
  events: readonly RecordedEvent[],
  inputs: readonly RecordedEvent[],
  { throughSeq, saidAtSeq }: DecidedBound,
): readonly RecordedDecision[] => {
  const causeSeqs = new Map(inputs.map(({ id, seq }) => [id, seq]));
  return decisionsIn(events).filter(({ causationId, seq }) => {
    const causeSeq = causeSeqs.get(causationId ?? '');
    return causeSeq === undefined ? seq <= saidAtSeq : causeSeq <= throughSeq;
  });
};

const storedUnder = (event: RecordedEvent): string => subjectOf(event, instanceOf(event));

const ledgerOf = (events: readonly RecordedEvent[]): LedgerBalance => {
  const counts = events.flatMap((event) =>
    event.type === 'RequestsCounted'
      ? [{ id: event.id, instance: instanceOf(event), data: event.data }]
      : [],
  );
  const losses = events.flatMap((event) => (event.type === 'RequestsLost' ? [event.data] : []));
  return balanceOf(counts, losses);
};

/**
 * Decides the workload's record again, through `bound`, and checks that it is whole. What the
 * decider had put aside may be missing from a decision, until the decider has read it again.
 */
export const verifyWorkload = (
  { history, chain, unreadable }: RecordedWorkload,
  given: DecidedBound | undefined,
  allPutAside: readonly PutAside[] = [],
): VerifiedWorkload => {
  const bound = given ?? { throughSeq: 0, saidAtSeq: 0 };
  const isBounded = given !== undefined || decisionsIn(history.events).length === 0;
  const told = replayInputs(history);
  const subjects = new Map(told.map((event) => [event.seq, storedUnder(event)]));
  // A letter may be about a log that has lost its tail since: another message is in that place now.
  const putAside = allPutAside.filter(({ seq, subject }) => subjects.get(seq) === subject);
  const thrownOn = new Set(putAside.filter((one) => one.isThrownOn).map(({ seq }) => seq));
  const inputs = told.filter(({ seq }) => !thrownOn.has(seq));
  const recorded = dueDecisions(history.events, inputs, bound);
  const through = inputs.filter(({ seq }) => seq <= bound.throughSeq);
  const unreadSeqs = new Set(putAside.map(({ seq }) => seq));
  const { differences, decidedUnread } =
    unreadSeqs.size === 0
      ? { differences: verifyDecisions(through, recorded), decidedUnread: [] }
      : verifyAroundUnread(through, recorded, unreadSeqs);
  const ledger = ledgerOf(history.events);
  const isWell =
    differences.length === 0 && chain.ok && ledger.imbalance === 0 && unreadable.length === 0;
  return {
    workload: history.workload,
    decisions: recorded.length,
    differences,
    decidedUnread,
    putAside,
    chain,
    ledger,
    unreadable,
    isBounded,
    ok: isBounded && isWell,
  };
};
