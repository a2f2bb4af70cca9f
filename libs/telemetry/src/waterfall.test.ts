/** Every span is a row, once, whatever its parents are. */
import { expect, test } from 'vitest';
import type { FinishedSpan } from './finished-span.ts';
import { type WaterfallRow, waterfall } from './waterfall.ts';

const span = (
  spanId: string,
  parentSpanId: string | null,
  startMs: number,
  endMs: number,
  phase?: string,
): FinishedSpan => ({
  traceId: 't',
  spanId,
  parentSpanId,
  name: spanId,
  kind: 'internal',
  startMs,
  endMs,
  attributes: phase === undefined ? {} : { 'flyball.phase': phase },
  links: [],
  error: null,
});

const told = ({ span: { spanId }, depth, offsetMs, durationMs }: WaterfallRow) =>
  `${'.'.repeat(depth)}${spanId} +${offsetMs} ${durationMs}`;

test('a parent, then what lies below it, by time', () => {
  const { rows, startMs, durationMs } = waterfall([
    span('c', 'b', 30, 40),
    span('d', 'a', 5, 50),
    span('b', 'a', 20, 45),
    span('a', null, 0, 60),
  ]);
  expect(rows.map(told)).toEqual(['a +0 60', '.d +5 45', '.b +20 25', '..c +30 10']);
  expect({ startMs, durationMs }).toEqual({ startMs: 0, durationMs: 60 });
});

test('what begins together: in the order of the story, then the longer one, then by id', () => {
  const { rows } = waterfall([
    span('z', null, 0, 1, 'tick'),
    span('y', null, 0, 1, 'fold'),
    span('x', null, 0, 1),
    span('w', null, 0, 2),
    span('v', null, 0, 1),
  ]);
  expect(rows.map(({ span: { spanId } }) => spanId)).toEqual(['y', 'z', 'w', 'v', 'x']);
});

test('a parent that is not here, or ends before its child, changes no order', () => {
  const { rows, durationMs } = waterfall([span('a', 'client', 10, 20), span('b', 'a', 15, 90)]);
  expect(rows.map(told)).toEqual(['a +0 10', '.b +5 75']);
  expect(durationMs).toBe(80);
});

test('circles and the same id twice leave nothing out', () => {
  const spans = [
    span('a', 'b', 0, 1),
    span('b', 'a', 1, 2),
    span('self', 'self', 2, 3),
    span('twice', null, 3, 4),
    span('twice', null, 4, 5),
    span('below', 'twice', 5, 6),
  ];
  const { rows } = waterfall(spans);
  expect(rows).toHaveLength(spans.length);
  expect(new Set(rows.map((row) => row.span)).size).toBe(spans.length);
});

test('no spans are no rows', () => {
  expect(waterfall([])).toEqual({ rows: [], startMs: 0, durationMs: 0 });
});

test('a deep trace is a list as well', () => {
  const deep = Array.from({ length: 20_000 }, (_, index) =>
    span(`${index}`, index === 0 ? null : `${index - 1}`, index, 20_000),
  );
  expect(waterfall(deep).rows.at(-1)?.depth).toBe(19_999);
});
