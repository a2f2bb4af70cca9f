/** A record is whole only when its decisions, its chain and every message of it are. */
import { chained, chainStart } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import type { StoredMessage } from '@flyball/event-log';
import { ChainCheck, readRecordedWorkload, readTicks } from '@flyball/reading';
import { type RecordedStory, startMs, storyWorkload, tellStory } from '@flyball/reading/testing';
import { appendDeadLetter, systemClock } from '@flyball/service';
import { describe, expect, test } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { readOpenLetters } from '../verbs/dead-letters-open.ts';
import { retryLetters } from '../verbs/dead-letters-settle.ts';
import { showVerification } from '../verbs/replay-verify.ts';
import { readPutAside } from './put-aside.ts';
import { readDecidedBound, verifyWorkload } from './verify-workload.ts';

const { signal } = new AbortController();
const shortWindows = { stableWindowMs: 6_000, panicWindowMs: 2_000, maxScale: 20 };
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

const verdictOn = (messages: readonly StoredMessage[], isAging = false) => {
  const check = new ChainCheck();
  for (const message of messages) check.take(message, isAging);
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

test('a first message that is not the first is an anchor only where old ones age out', () => {
  const [, second, third] = chainedMessages(['a', 'b', 'c']);
  if (second === undefined || third === undefined) throw new Error('three were told');
  const rest = [second, third];
  expect(verdictOn(rest)).toMatchObject({ ok: false, broken: [{ seq: 2, id: 'b' }] });
  expect(verdictOn(rest, true)).toMatchObject({ ok: true, broken: [], anchoredLater: 1 });
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

describe('a decider that could not read a policy', () => {
  const tellWithout = async () => {
    const story = await tellStory();
    story.deciderRuns = false;
    const policy = { ...storyPolicy, ...shortWindows, targetValue: 2 };
    await story.event('PolicySet', 'policy', { policy, layers: {}, warnings: [] });
    story.deciderRuns = true;
    await story.load(20, 12);
    return story;
  };

  const putAside = async ({ log, partition }: RecordedStory, code: string, under?: string) => {
    const last = await log.events.last(`flyball.events.${partition}.*.*.policy`);
    if (last === undefined) throw new Error('no policy was told');
    const message = under === undefined ? last : { ...last, subject: under };
    const poison = { stage: 'decider', partition, stream: 'EVENTS', message, code };
    const told = { ...poison, reason: 'of a later version', refoldId: under ?? '', atMs: startMs };
    await appendDeadLetter(log.deadLetters, told, { clock: systemClock, signal });
    return message;
  };

  const verify = async ({ reader, partition }: RecordedStory) => {
    const bound = await readDecidedBound(reader, partition);
    const ticks = await readTicks(reader, partition, signal);
    const recorded = await readRecordedWorkload(reader, storyWorkload, { ticks, signal });
    const letters = await readPutAside(reader, partition, signal);
    return verifyWorkload(recorded, bound, letters);
  };

  test('decided otherwise: a difference, unless it has put the policy aside', async () => {
    const story = await tellWithout();
    const silent = await verify(story);
    expect(silent).toMatchObject({ ok: false, decidedUnread: [] });
    expect(silent.differences.length).toBeGreaterThan(0);
    const { seq, subject: policySubject } = await putAside(story, 'LOG_CORRUPT');
    const told = await verify(story);
    const putAsideThere = [{ seq, subject: policySubject, isThrownOn: false }];
    expect(told).toMatchObject({ ok: true, differences: [], putAside: putAsideThere });
    expect(told.decidedUnread.length).toBeGreaterThan(0);
    const terminal = captureTerminal();
    const shown = await showVerification({ terminal, signal }, story.reader, { data: '' });
    expect([shown, terminal.lines.join('\n')]).toEqual([
      0,
      expect.stringContaining(`put aside: ${policySubject} at ${seq}`),
    ]);
  });

  test('is not excused by what another log had in that place', async () => {
    const story = await tellWithout();
    const before = await verify(story);
    await putAside(story, 'STAGE_THREW', `flyball.events.${story.partition}.default.api.policy`);
    expect(await verify(story)).toEqual(before);
    // Nor does that letter take the place of the one about what stands there now.
    const { seq } = await putAside(story, 'LOG_CORRUPT');
    expect(await verify(story)).toMatchObject({ ok: true, putAside: [{ seq }] });
  });

  test('threw on it: it is passed by here too, until it is tried again', async () => {
    const story = await tellWithout();
    const { seq } = await putAside(story, 'STAGE_THREW');
    const thrown = await verify(story);
    expect(thrown).toMatchObject({ ok: true, decidedUnread: [] });
    expect(thrown.putAside).toMatchObject([{ seq, isThrownOn: true }]);
    const [letter] = (await readOpenLetters(story.log, signal)).letters;
    if (letter === undefined) throw new Error('it was put aside');
    const operator = { log: story.log, clock: systemClock, by: 'ana' };
    const context = { terminal: captureTerminal(), signal };
    expect(await retryLetters(context, operator, { ids: [letter.id], all: false })).toBe(0);
    const retried = await verify(story);
    expect(retried).toMatchObject({ ok: true, putAside: [{ seq, isThrownOn: false }] });
    expect(retried.decidedUnread.length).toBeGreaterThan(0);
  });
});
