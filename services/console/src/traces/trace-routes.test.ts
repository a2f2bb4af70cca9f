/** Spans come from anyone: what they call a workload is no part of what is read of the log. */
import { startMs, tellStory } from '@flyball/reading/testing';
import { expect, it } from 'vitest';
import { openConsoleBed } from '../testing/console-bed.ts';
import type { TraceTold } from '../wire.ts';

it.each(['*/*', 'default/>', '>/>', 'default/ web', 'default', '/', 'Default/web'])(
  'a span of the workload "%s" has no events, and nothing is read for it',
  async (workload) => {
    const { reader } = await tellStory();
    const filters: string[] = [];
    const { events } = reader.log;
    const last = events.last.bind(events);
    const readToEnd = events.readToEnd.bind(events);
    await using bed = await openConsoleBed(reader);
    await expect.poll(() => bed.isReady()).toBe(true);
    events.last = (filter) => {
      filters.push(filter);
      return last(filter);
    };
    events.readToEnd = (options) => {
      filters.push(options.filter);
      return readToEnd(options);
    };
    const traceId = 'b'.repeat(32);
    const span = {
      ...{ traceId, spanId: 'a'.repeat(16), name: 'decide', kind: 1 },
      startTimeUnixNano: `${startMs}000000`,
      endTimeUnixNano: `${startMs + 9}000000`,
      attributes: [{ key: 'flyball.workload', value: { stringValue: workload } }],
    };
    const told = await fetch(`${bed.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
    });
    expect(told.status).toBe(200);
    const { status, body } = await bed.ask(`/api/traces/${traceId}`);
    expect([status, (body as TraceTold).summary.workload]).toEqual([200, workload]);
    expect((body as TraceTold).events).toEqual([]);
    expect(filters).toEqual([]);
  },
);
