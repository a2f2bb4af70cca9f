/** Ids follow from events: the same however often they are asked for, and in both directions. */
import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  applied,
  coldStart,
  decided,
  decidedAlone,
  requestContext,
  traceparent,
  wake,
} from './testing/cold-start-story.ts';
import { contextFrom, contextOf, spanIdOf, traceIdOfEvent, traceparentFrom } from './trace-ids.ts';

test('the id of a span is the beginning of the hash of its event’s id', () => {
  expect(spanIdOf('a')).toBe(hash('sha256', 'a', 'hex').slice(0, 16));
  expect(spanIdOf('a')).toMatch(/^[0-9a-f]{16}$/);
  expect(spanIdOf('b')).not.toBe(spanIdOf('a'));
});

test('what carries a trace context is in that trace, below the request', () => {
  const { traceId, spanId: parentSpanId } = requestContext;
  for (const event of [decided, wake, coldStart()]) {
    expect(contextOf(event)).toEqual({ traceId, spanId: spanIdOf(event.id), parentSpanId });
  }
});

test('an action lies below its decision, or below the wake that it obeys', () => {
  const { traceId } = requestContext;
  for (const on of [decided, wake]) {
    const action = applied(on === wake ? 'woken' : 'decided', on);
    const context = contextOf(action);
    expect(context).toEqual({
      traceId,
      spanId: spanIdOf(action.id),
      parentSpanId: spanIdOf(on.id),
    });
  }
});

test('a decision without a trace context begins a trace, and its actions continue it', () => {
  const { traceId, spanId, parentSpanId } = contextOf(decidedAlone);
  expect(parentSpanId).toBeNull();
  expect(traceId).toBe(hash('sha256', decidedAlone.id, 'hex').slice(16, 48));
  const action = applied('decided', decidedAlone);
  expect(contextOf(action)).toMatchObject({ traceId, parentSpanId: spanId });
  expect(traceIdOfEvent(action)).toBe(traceId);
});

test('a trace context that names nothing counts as none', () => {
  const nothing = `00-${'0'.repeat(32)}-b7ad6b7169203331-01`;
  expect(contextOf({ ...decidedAlone, traceparent: nothing })).toEqual(contextOf(decidedAlone));
});

test('a traceparent is read, and written as it was', () => {
  expect(contextFrom(traceparent)).toEqual({ ...requestContext, isSampled: true });
  expect(contextFrom(traceparent.replace(/01$/, '00'))?.isSampled).toBe(false);
  expect(contextFrom(traceparent.replace(/01$/, 'ff'))?.isSampled).toBe(true);
  expect(traceparentFrom(requestContext)).toBe(traceparent);
  expect(traceparentFrom(requestContext, false)).toBe(traceparent.replace(/01$/, '00'));
});

const rest = traceparent.slice(2);

test('of a later version what is known is read', () => {
  expect(contextFrom(`cc${rest}`)).toEqual({ ...requestContext, isSampled: true });
  expect(contextFrom(`cc${rest}-more`)).toEqual({ ...requestContext, isSampled: true });
});

test.each([
  '',
  `ff${rest}`,
  `00${rest}-more`,
  `00${rest}x`,
  ` 00${rest}`,
  `00${rest.toUpperCase()}`,
  `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
  `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
  `00-${'1'.repeat(31)}-${'1'.repeat(16)}-01`,
])('"%s" is no traceparent', (given) => {
  expect(contextFrom(given)).toBeUndefined();
});
