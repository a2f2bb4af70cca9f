/** Messages to a log that fails in every way: in order, once, or given up by name. */
import { type AppendFault, openMemoryEventLog } from '@flyball/event-log';
import type { Clock } from '@flyball/service';
import { expect, test } from 'vitest';
import { createOutbox, outboxMax, retryPauseMs } from './outbox.ts';

const subject = 'flyball.events.0.default.web.requests.1-boot';
const messageOf = (id: string) => ({ subject, id, body: `{"id":"${id}"}` });
const forever = Number.POSITIVE_INFINITY;

/** A clock that rings each timer as soon as everything else has settled. */
const hurriedClock = () => {
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, action) => {
      const timer = setImmediate(() => {
        nowMs += delayMs;
        action();
      });
      return () => clearImmediate(timer);
    },
  };
  return clock;
};

const openStory = (faults: () => AppendFault, readBack = true) => {
  const clock = hurriedClock();
  const stop = new AbortController();
  const lost: string[] = [];
  const retried: string[] = [];
  const log = openMemoryEventLog({ faults, duplicateWindowMs: 100, nowMs: () => clock.nowMs() });
  const outbox = createOutbox({
    stream: log.events,
    readBack,
    clock,
    signal: stop.signal,
    onRetry: ({ id }) => void retried.push(id),
    onLost: ({ id }) => void lost.push(id),
  });
  const stored = async (): Promise<string[]> => {
    const ids: string[] = [];
    const { signal } = new AbortController();
    for await (const batch of log.events.readToEnd({ filter: '>', afterSeq: 0, signal })) {
      ids.push(...batch.map(({ id }) => id));
    }
    return ids;
  };
  const settled = () => expect.poll(() => outbox.pending).toBe(0);
  return { outbox, log, lost, retried, stored, settled, stop };
};

test('messages of one subject are stored in the order in which they were sent', async () => {
  const story = openStory(() => 'none');
  for (const id of ['a', 'b', 'c']) expect(story.outbox.send(messageOf(id), forever)).toBe(true);
  expect(story.outbox.isPending(subject)).toBe(true);
  await story.settled();
  expect(await story.stored()).toEqual(['a', 'b', 'c']);
  expect(story.outbox.isPending(subject)).toBe(false);
});

test('one whose answers stay lost until its id is forgotten is not stored twice', async () => {
  // The first append stores it and hears nothing in all its tries.
  let tries = 0;
  const story = openStory(() => {
    tries += 1;
    return tries <= 100 ? 'answer-lost' : 'none';
  });
  story.outbox.send(messageOf('a'), forever);
  story.outbox.send(messageOf('b'), forever);
  await story.settled();
  expect(retryPauseMs).toBeGreaterThan(100);
  expect(story.retried).toEqual(['a']);
  expect(await story.stored()).toEqual(['a', 'b']);
  expect(story.lost).toEqual([]);
});

test('one that never arrived is sent again until it has', async () => {
  let tries = 0;
  const story = openStory(() => {
    tries += 1;
    return tries <= 350 ? 'message-lost' : 'none';
  });
  story.outbox.send(messageOf('a'), forever);
  await story.settled();
  expect(await story.stored()).toEqual(['a']);
});

test('one that is kept for a while only is given up after it, by name', async () => {
  const story = openStory(() => 'message-lost', false);
  story.outbox.send(messageOf('old'), 1_000);
  await story.settled();
  expect(story.lost).toEqual(['old']);
  expect(await story.stored()).toEqual([]);
});

test('what became too old while it waited for its turn is not sent late', async () => {
  let tries = 0;
  const story = openStory(() => {
    tries += 1;
    return tries <= 300 ? 'message-lost' : 'none';
  }, false);
  story.outbox.send(messageOf('a'), forever);
  story.outbox.send(messageOf('stale'), retryPauseMs);
  story.outbox.send(messageOf('fresh'), forever);
  await story.settled();
  expect(await story.stored()).toEqual(['a', 'fresh']);
  expect(story.lost).toEqual(['stale']);
});

test('at the end what is not stored is given up', async () => {
  const story = openStory(() => 'message-lost');
  story.outbox.send(messageOf('a'), forever);
  story.stop.abort();
  await story.settled();
  expect(story.lost).toEqual(['a']);
});

test('a full outbox takes no more and says so', async () => {
  const story = openStory(() => 'none');
  story.log.disconnect();
  for (let at = 0; at < outboxMax; at += 1) story.outbox.send(messageOf(`m${at}`), forever);
  expect(story.outbox.send(messageOf('one too many'), forever)).toBe(false);
  expect(story.lost).toEqual(['one too many']);
});

test('who asks is told once when it is stored, with its place where that is known', async () => {
  const story = openStory(() => 'none');
  const places: (number | null)[] = [];
  const onStored = (seq: number | null) => void places.push(seq);
  story.outbox.send(messageOf('a'), forever, onStored);
  story.outbox.send(messageOf('b'), forever, onStored);
  await story.settled();
  expect(places).toEqual([1, 2]);
});

test('one that an earlier try stored is told without its place, one given up not', async () => {
  let tries = 0;
  const story = openStory(() => {
    tries += 1;
    return tries <= 100 ? 'answer-lost' : 'none';
  });
  const places: (number | null)[] = [];
  story.outbox.send(messageOf('a'), forever, (seq) => void places.push(seq));
  await story.settled();
  expect(places).toEqual([null]);
  const away = openStory(() => 'message-lost');
  away.outbox.send(messageOf('a'), 1, (seq) => void places.push(seq));
  await away.settled();
  expect(away.lost).toEqual(['a']);
  expect(places).toEqual([null]);
});
