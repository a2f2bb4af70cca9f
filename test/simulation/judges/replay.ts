/** Decides the whole log again: the decider's stage, but a loop of the judge's own. */
import { type AnyEvent, decodeEvent, type RecordedEvent } from '@flyball/contracts';
import { decider } from '@flyball/domain';
import type { Evidence, Fact, Judge } from './evidence.ts';

/** The order of an object's members says nothing. */
const inOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

/** A decision without its place and chain, which are not the decider's. */
const saidBy = ({ id, atMs, data }: { id: string; atMs: number; data: unknown }): string =>
  JSON.stringify([id, atMs, data], inOrder);

const readFact = ({ body, subject, seq }: Fact): RecordedEvent => {
  const decoded = decodeEvent(body, subject, seq);
  if (!decoded.ok) throw new Error(`${subject} ${seq}: ${decoded.reason}`);
  return decoded.event;
};

const partitionOf = ({ subject }: Fact): string => subject.split('.')[2] ?? '';

const isDecision = ({ type }: Fact): boolean => type === 'decided';

/**
 * Folds each input and what was recorded of it, and compares what is decided with what is recorded.
 */
const replayPartition = (facts: readonly Fact[], partition: number): string[] => {
  const inputs = new Set(facts.map(({ id }) => id));
  const byCause = Map.groupBy(facts.filter(isDecision), ({ cause = '' }) => cause);
  const wrong: string[] = [];
  let state = decider.initialState(partition);
  for (const fact of facts) {
    if (fact.type === 'decided-through') continue;
    if (isDecision(fact)) {
      if (!inputs.has(fact.cause ?? '')) wrong.push(`${fact.id} is recorded, replay has no cause`);
      continue;
    }
    const event = readFact(fact);
    state = decider.evolve(state, event);
    const decided = decider.decide(event, state).filter(({ type }) => type === 'Decided');
    const recorded = byCause.get(fact.id) ?? [];
    const saidNow = decided.map(saidBy).sort();
    const saidThen = recorded.map(saidBy).sort();
    if (saidNow.join('\n') !== saidThen.join('\n')) {
      wrong.push(
        `at ${fact.seq} (${fact.id}) replay decides ${saidNow.join(' ')}, ` +
          `recorded is ${saidThen.join(' ')}`,
      );
    }
    for (const one of recorded) state = decider.evolve(state, readFact(one) as AnyEvent as never);
  }
  return wrong;
};

/** A log whose tail was cut may end in ticks that nobody decided; nothing else may differ. */
export const replayDecidesTheSame: Judge = ({ events }: Evidence) =>
  [...Map.groupBy(events, partitionOf)].flatMap(([partition, facts]) =>
    replayPartition(facts, Number(partition)).slice(0, 3),
  );
