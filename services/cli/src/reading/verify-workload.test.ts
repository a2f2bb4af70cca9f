/** A record is whole only when its decisions, its chain and every message of it are. */
import { chained, chainStart } from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';
import { expect, test } from 'vitest';
import { storyWorkload, tellStory } from '../testing/recorded-story.ts';
import { ChainCheck } from './chain-check.ts';
import { readRecordedWorkload, readTicks } from './recorded-workload.ts';
import { readDecidedBound, verifyWorkload } from './verify-workload.ts';

const { signal } = new AbortController();
const subject = 'flyball.events.0.default.web.platform';

/** Messages that follow from each other, with these ids. */
const chainedMessages = (ids: readonly string[]): readonly StoredMessage[] => {
  let previous = chainStart;
  return ids.map((id, at) => {
    const { body, chain } = chained(previous, `{"id":"${id}"}`);
    previous = chain;
    return { seq: at + 1, subject, id, body, storedAtMs: 0 };
  });
};

const verdictOn = (messages: readonly StoredMessage[]) => {
  const check = new ChainCheck();
  for (const message of messages) check.take(message);
  return check.verdict();
};

test('an event that is told twice is named, although its chain is whole', () => {
  expect(verdictOn(chainedMessages(['a', 'b', 'c']))).toMatchObject({ ok: true, messages: 3 });
  expect(verdictOn(chainedMessages(['a', 'b', 'a']))).toMatchObject({
    ok: false,
    broken: [],
    doubledIds: ['a'],
  });
});

test('a message that was taken out leaves a link that does not follow', () => {
  const [first, , third] = chainedMessages(['a', 'b', 'c']);
  if (first === undefined || third === undefined) throw new Error('three were told');
  expect(verdictOn([first, third])).toMatchObject({ ok: false, broken: [{ seq: 3, id: 'c' }] });
});

test('a record with a broken chain, or with what nobody can read, is not well', async () => {
  const { reader, partition } = await tellStory();
  const bound = await readDecidedBound(reader, partition);
  const ticks = await readTicks(reader, partition, signal);
  const recorded = await readRecordedWorkload(reader, storyWorkload, { ticks, signal });
  expect(verifyWorkload(recorded, bound)).toMatchObject({ ok: true, differences: [] });
  const chain = { ...recorded.chain, ok: false };
  expect(verifyWorkload({ ...recorded, chain }, bound).ok).toBe(false);
  const unreadable = [{ subject, seq: 1, id: 'a', reason: 'not an event' }];
  expect(verifyWorkload({ ...recorded, unreadable }, bound).ok).toBe(false);
});
