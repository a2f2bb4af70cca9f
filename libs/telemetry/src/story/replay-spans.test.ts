/** What is no part of a request’s story is a trace of its own. */
import { expect, test } from 'vitest';
import { linksMax } from '../finished-span.ts';
import { decided, receivedAtMs, requestContext } from '../testing/cold-start-story.ts';
import { contextOf } from '../trace-ids.ts';
import { recoverSpan } from './recover-span.ts';
import { replaySpans, replaySpansMax } from './replay-spans.ts';

const workload = 'default/web';
const at = (startMs: number, endMs: number) => ({
  startMs: receivedAtMs + startMs,
  endMs: receivedAtMs + endMs,
});

test('a recovery is a trace of its own', () => {
  const span = recoverSpan({
    ...{ stage: 'decider', instance: 'd0', partition: 3, from: 'snapshot', events: 12 },
    ...at(0, 40),
  });
  expect(span).toMatchObject({ name: 'recover', parentSpanId: null });
  expect(span.attributes).toMatchObject({
    'flyball.recovered.from': 'snapshot',
    'flyball.recovered.events': 12,
  });
});

test('a replay links to what it decides again, and continues nothing', () => {
  const decisions = Array.from({ length: linksMax + 1 }, () => decided);
  const spans = replaySpans({ id: 'r1', workload, decisions, differences: 1, ...at(0, 9) });
  const [whole, ...parts] = spans;
  expect(whole).toMatchObject({ parentSpanId: null, error: '1 of 129 came out otherwise' });
  expect(spans.every(({ traceId }) => traceId === whole?.traceId)).toBe(true);
  expect(whole?.traceId).not.toBe(requestContext.traceId);
  expect(parts.map(({ links }) => links.length)).toEqual([linksMax, 1]);
  const { traceId, spanId } = contextOf(decided);
  const link = { traceId, spanId, attributes: { 'flyball.link': 'replays' } };
  expect(parts[1]?.links).toEqual([link]);
});

test('of a long replay the first decisions are linked, and the others counted', () => {
  const decisions = Array.from({ length: replaySpansMax * linksMax + 5 }, () => decided);
  const [whole, ...parts] = replaySpans({
    ...{ id: 'r2', workload: null, decisions, differences: 0 },
    ...at(0, 9),
  });
  expect(parts).toHaveLength(replaySpansMax);
  expect(whole?.attributes).toMatchObject({ 'flyball.replay.unlinked': 5 });
  expect(whole?.error).toBeNull();
});
