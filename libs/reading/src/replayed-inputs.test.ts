/** The inputs one by one are those that are made all at once, and none is made before its turn. */
import { type DeciderState, decider, replayInputs } from '@flyball/domain';
import { expect, it } from 'vitest';
import { readRecordedWorkload, readTicks } from './recorded-workload.ts';
import { replayedInputs } from './replayed-inputs.ts';
import { readStateAt } from './state-at.ts';
import { startMs, tellStory } from './testing/recorded-story.ts';

const { signal } = new AbortController();
const { reader, workload, partition } = await tellStory();
const ticks = await readTicks(reader, partition, signal);
const { history } = await readRecordedWorkload(reader, workload, { ticks, signal });

it('gives the same, whatever the minutes and the ticks both hold', () => {
  expect(history.minutes).toHaveLength(2);
  expect([...replayedInputs(history)]).toEqual(replayInputs(history));
  const withoutTicks = { ...history, ticks: [] };
  expect([...replayedInputs(withoutTicks)]).toEqual(replayInputs(withoutTicks));
});

it('makes no tick of a minute that is not read', () => {
  const [first, second] = history.minutes;
  if (first === undefined || second === undefined) throw new Error('two minutes were told');
  const unreadable = {
    ...second,
    get data(): never {
      throw new Error('this minute is not to be read');
    },
  };
  const inputs = replayedInputs({ ...history, minutes: [first, unreadable], ticks: [] });
  let lastAtMs = 0;
  while (lastAtMs < startMs + 30_000) lastAtMs = inputs.next().value?.atMs ?? lastAtMs;
  expect(() => [...inputs]).toThrow('this minute is not to be read');
});

/** All at once, each decision at its cause. */
const stateOf = (atMs: number): DeciderState => {
  const inputs = replayInputs(history);
  const [facts, decisions] = [
    inputs.filter(({ type }) => type !== 'Decided'),
    Map.groupBy(
      inputs.filter(({ type }) => type === 'Decided'),
      ({ causationId }) => causationId,
    ),
  ];
  const end = facts.findIndex((event) => event.pen !== 'requests' && event.atMs > atMs);
  const taken = end === -1 ? facts : facts.slice(0, end);
  return taken
    .flatMap((event) => [event, ...(decisions.get(event.id) ?? [])])
    .reduce((state, event) => decider.evolve(state, event), decider.initialState(partition));
};

it.each([-1, 0, 4_100, 4_300, 10_300, 61_000, 125_000, 1e9])(
  'folds the same state as of %d ms',
  async (afterMs) => {
    const atMs = startMs + afterMs;
    const { state } = await readStateAt(reader, workload, { atMs, signal });
    // Without the sentences of what was assessed last, which are made when they are asked for.
    expect(JSON.stringify(state)).toBe(JSON.stringify(stateOf(atMs)));
  },
);
