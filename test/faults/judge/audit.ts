/** Reads the whole log after a fault, and says what is lost, doubled, forked or moved. */
import type { NatsConnection } from '@nats-io/transport-node';
import type { Bed } from '../bed/bed.ts';
import type { Deviation } from '../bed/replica-watch.ts';
import { heldWorkload, steadyReplicas } from '../bed/scene.ts';
import type { Fault } from '../fault.ts';
import {
  chainBreaks,
  decisionForks,
  doubledEffects,
  doubledIds,
  isOf,
  type JudgedEvent,
  lostFrom,
  readEvents,
  unexplainedGaps,
} from './judge-log.ts';
import { ledgerMistakes, lostRequests } from './ledger.ts';
import { readWholeLog } from './raw-log.ts';
import { partitionOfSubject, type Witnessed } from './witness.ts';

export interface Since {
  readonly beganAtMs: number;
  /** Pods that were there before the fault. */
  readonly podsBefore: readonly string[];
  /** What was seen on the platform itself. */
  readonly deviations: readonly Deviation[];
}

export interface Audit {
  readonly eventsLost: number;
  readonly eventsNamed: number;
  readonly eventsDoubled: number;
  readonly moves: number;
  readonly problems: readonly string[];
}

/** Events that say that a replica of a steady workload came, went, or was to. */
const movesIn = (events: readonly JudgedEvent[], podsBefore: readonly string[]): string[] =>
  events.flatMap((event) => {
    const { subject, type, data, seq } = event;
    const steady = steadyReplicas.get(subject);
    if (steady === undefined) return [];
    const told = `${type} of ${subject} at ${seq}`;
    const isOther = (isOf(event, 'decided') || isOf(event, 'scale-applied')) && data.to !== steady;
    const isNewPod = isOf(event, 'pod-appeared') && !podsBefore.includes(String(data.pod));
    const isGone = isOf(event, 'pod-gone') || isOf(event, 'replicas-drifted');
    return isOther || isNewPod || isGone ? [`${told}: ${JSON.stringify(data).slice(0, 160)}`] : [];
  });

/** Lost events whose partition's loss LogTruncated names, and problems of the others. */
const judgeTail = (
  lost: readonly Witnessed[],
  events: readonly JudgedEvent[],
  mayLose: boolean,
): { readonly named: number; readonly problems: readonly string[] } => {
  const truncated = events.filter((event) => isOf(event, 'log-truncated'));
  const partitions = new Set(truncated.map(({ on }) => partitionOfSubject(on)));
  const unnamed = lost.filter(({ subject }) => !partitions.has(partitionOfSubject(subject)));
  const problems = (mayLose ? unnamed : lost).map(
    ({ seq, subject }) => `${subject} at ${seq} is lost${mayLose ? ', and not named' : ''}`,
  );
  return { named: lost.length - unnamed.length, problems };
};

const toldMax = 5;
const shortened = (problems: readonly string[]): readonly string[] =>
  problems.length <= toldMax
    ? problems
    : [...problems.slice(0, toldMax), `… and ${problems.length - toldMax} more of these`];

/** Judges the log since `beganAtMs`, and all of it where the whole is what counts. */
export const auditLog = async (
  { raw, witness }: Bed,
  { mayCost }: Fault,
  { beganAtMs, podsBefore, deviations }: Since,
): Promise<Audit> => {
  const readAtMs = Date.now();
  const messages = await readWholeLog(raw);
  const replaced = witness.takeReplaced();
  const memory = { seen: witness.seen, replaced, readAtMs };
  const lost = lostFrom(messages, memory);
  const gaps = unexplainedGaps(messages, memory);
  witness.accept(messages, readAtMs);
  const events = readEvents(messages);
  const since = events.filter(({ storedAtMs }) => storedAtMs >= beganAtMs);
  const tail = judgeTail(lost, since, mayCost?.tail === true);
  const doubled = [...doubledIds(events), ...doubledEffects(events)];
  const moves = [
    ...movesIn(since, podsBefore),
    ...deviations.map(({ workload, replicas }) => `${workload} had ${replicas} replicas`),
  ];
  const broken = [...chainBreaks(messages), ...decisionForks(events), ...gaps];
  return {
    eventsLost: lost.length,
    eventsNamed: tail.named,
    eventsDoubled: doubled.length,
    moves: moves.length,
    problems: [tail.problems, doubled, moves, broken, ledgerMistakes(events)].flatMap(shortened),
  };
};

/** How many held requests are lost since `sinceMs`, by the log. */
export const lostRequestsSince = async (raw: NatsConnection, sinceMs: number): Promise<number> =>
  lostRequests(readEvents(await readWholeLog(raw)), heldWorkload, sinceMs);
