/** What the wire offers of traces is what a trace can be. */
import { expect, it } from 'vitest';
import { type TraceKind, traceKinds } from './wire.ts';

it('offers every kind of trace, each once', () => {
  const kinds: Readonly<Record<TraceKind, true>> = {
    ...{ 'cold start': true, decision: true, request: true, other: true },
  };
  expect(traceKinds).toHaveLength(Object.keys(kinds).length);
  expect(new Set<string>(traceKinds)).toEqual(new Set(Object.keys(kinds)));
});
