/** Verifies one workload's record: its decisions, its chains, its ledger of held requests. */
import {
  type FlyballEvent,
  partitionSubject,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import {
  balanceOf,
  type DecisionDifference,
  type LedgerBalance,
  replayInputs,
  verifyDecisions,
} from '@flyball/domain';
import type { ChainVerdict } from './chain-check.ts';
import { readDecoded } from './read-decoded.ts';
import type { Reader } from './reader.ts';
import type { RecordedWorkload, UnreadableMessage } from './recorded-workload.ts';

export interface VerifiedWorkload {
  readonly workload: WorkloadKey;
  /** Recorded decisions that were decided again. */
  readonly decisions: number;
  readonly differences: readonly DecisionDifference[];
  readonly chain: ChainVerdict;
  readonly ledger: LedgerBalance;
  readonly unreadable: readonly UnreadableMessage[];
  readonly ok: boolean;
}

/** How far a partition's decider has said that it has decided everything. */
export interface DecidedBound {
  /** Every decision on inputs through here is recorded. */
  readonly throughSeq: number;
  /** Where it said so. */
  readonly saidAtSeq: number;
}

/** Read before anything else, so that what is decided meanwhile is not taken for a difference. */
export const readDecidedBound = async (
  { log, partitionCount }: Reader,
  partition: number,
): Promise<DecidedBound> => {
  const last = await log.events.last(partitionSubject(partition, 'progress'));
  const event = last === undefined ? undefined : readDecoded(last, partitionCount);
  if (event?.type !== 'DecidedThrough') return { throughSeq: 0, saidAtSeq: 0 };
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

const instanceOf = (source: string): string => source.slice(source.lastIndexOf('/') + 1);

const ledgerOf = (events: readonly RecordedEvent[]): LedgerBalance => {
  const counts = events.flatMap((event) =>
    event.type === 'RequestsCounted'
      ? [{ id: event.id, instance: instanceOf(event.source), data: event.data }]
      : [],
  );
  const losses = events.flatMap((event) => (event.type === 'RequestsLost' ? [event.data] : []));
  return balanceOf(counts, losses);
};

/** Decides the workload's record again, through `bound`, and checks that it is whole. */
export const verifyWorkload = (
  { history, chain, unreadable }: RecordedWorkload,
  bound: DecidedBound,
): VerifiedWorkload => {
  const inputs = replayInputs(history);
  const recorded = dueDecisions(history.events, inputs, bound);
  const through = inputs.filter(({ seq }) => seq <= bound.throughSeq);
  const differences = verifyDecisions(through, recorded);
  const ledger = ledgerOf(history.events);
  const ok =
    differences.length === 0 && chain.ok && ledger.imbalance === 0 && unreadable.length === 0;
  return {
    workload: history.workload,
    decisions: recorded.length,
    differences,
    chain,
    ledger,
    unreadable,
    ok,
  };
};
