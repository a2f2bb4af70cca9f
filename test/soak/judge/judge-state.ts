/** What must hold at any moment of a soak: the log whole, the ledger balanced, replay the same. */
import type { Bed } from '../../faults/bed/bed.ts';
import { heldWorkload } from '../../faults/bed/scene.ts';
import {
  chainBreaks,
  decisionForks,
  doubledEffects,
  doubledIds,
  type JudgedEvent,
  lostFrom,
  readEvents,
  unexplainedGaps,
} from '../../faults/judge/judge-log.ts';
import { ledgerMistakes, lostRequests } from '../../faults/judge/ledger.ts';
import { readWholeLog } from '../../faults/judge/raw-log.ts';
import { verifyReplay } from '../../faults/judge/verify-replay.ts';

export interface Judgement {
  readonly events: number;
  /** By what was judged; no problems is good. */
  readonly problems: Readonly<Record<'ledger' | 'chain' | 'replay', readonly string[]>>;
}

const judgeLog = async ({ raw, witness }: Bed) => {
  const readAtMs = Date.now();
  const messages = await readWholeLog(raw);
  const memory = { seen: witness.seen, replaced: witness.takeReplaced(), readAtMs };
  const lost = lostFrom(messages, memory).map(({ seq, subject }) => `${subject} at ${seq} is lost`);
  const gaps = unexplainedGaps(messages, memory);
  witness.accept(messages, readAtMs);
  const events: readonly JudgedEvent[] = readEvents(messages);
  const doubled = [...doubledIds(events), ...doubledEffects(events)];
  const chain = [...lost, ...gaps, ...doubled, ...decisionForks(events), ...chainBreaks(messages)];
  return { events: events.length, chain, ledger: ledgerMistakes(events) };
};

/** Reads the whole log and decides it again. */
export const judgeState = async (bed: Bed): Promise<Judgement> => {
  const { events, chain, ledger } = await judgeLog(bed);
  const replay = await verifyReplay(bed.flyball.data);
  return { events, problems: { ledger, chain, replay } };
};

/** How many requests to the workload that never answers the log names as lost. */
export const namedLosses = async ({ raw }: Bed, sinceMs: number): Promise<number> =>
  lostRequests(readEvents(await readWholeLog(raw)), heldWorkload, sinceMs);
