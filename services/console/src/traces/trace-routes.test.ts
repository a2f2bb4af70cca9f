/** Spans come from anyone, and are shown whatever is the matter with the log. */
import { OutsideError } from '@flyball/contracts';
import { openMemoryEventLog } from '@flyball/event-log';
import { RecordedStory, startMs, tellStory } from '@flyball/reading/testing';
import { expect, it } from 'vitest';
import { type ConsoleBed, openConsoleBed } from '../testing/console-bed.ts';
import type { EventsTold, TraceTold } from '../wire.ts';

const traceId = 'b'.repeat(32);

interface Telling {
  readonly workload?: string;
  readonly id?: string;
  readonly count?: number;
}

/** Tells the console spans of one trace, as a service does. */
const tellSpans = async (bed: ConsoleBed, told: Telling = {}): Promise<void> => {
  const { workload = 'default/web', id = traceId, count = 1 } = told;
  const spans = Array.from({ length: count }, (_, at) => ({
    ...{ traceId: id, name: 'decide', kind: 1 },
    spanId: String(at + 1).padStart(16, '0'),
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + 9}000000`,
    attributes: [{ key: 'flyball.workload', value: { stringValue: workload } }],
  }));
  const taken = await fetch(`${bed.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
  expect(taken.status).toBe(200);
};

const askFor = async (bed: ConsoleBed, id = traceId): Promise<TraceTold> => {
  const { status, body } = await bed.ask(`/api/traces/${id}`);
  expect(status).toBe(200);
  return body as TraceTold;
};

it('shows the spans, and says why there are no events, while the log cannot be read', async () => {
  const { reader } = await tellStory();
  await using bed = await openConsoleBed(reader);
  await expect.poll(() => bed.isReady()).toBe(true);
  await tellSpans(bed);
  expect(await askFor(bed)).toMatchObject({ eventsAway: null });
  reader.log.events.last = async () => {
    throw new OutsideError('NATS_UNREACHABLE', 'NATS is away.', { retriable: true });
  };
  reader.log.events.readToEnd = async function* () {
    yield* [];
    throw new OutsideError('NATS_UNREACHABLE', 'NATS is away.', { retriable: true });
  };
  const { spans, events, eventsAway } = await askFor(bed);
  expect([spans.length, events, eventsAway]).toEqual([1, [], 'NATS is away. [NATS_UNREACHABLE]']);
});

it('shows the spans before there is a log', async () => {
  const log = openMemoryEventLog();
  log.events.state = async () => ({
    ...{ createdAt: 'now', firstSeq: 0, lastSeq: 0, messages: 0, bytes: 0 },
    description: 'not ours',
  });
  await using bed = await openConsoleBed({ log, clock: new RecordedStory().reader.clock });
  await tellSpans(bed);
  expect(await askFor(bed)).toMatchObject({
    spans: [{ name: 'decide' }],
    eventsAway: expect.stringContaining('There is no log to read'),
  });
});

it('reads of a trace of the day before yesterday only the events of its workload', async () => {
  const story = await tellStory();
  story.nowMs += 48 * 3_600_000;
  const { reader } = story;
  await using bed = await openConsoleBed(reader);
  await expect.poll(() => bed.isReady()).toBe(true);
  const query = `sinceMs=${startMs}&untilMs=${startMs + 120_000}&limit=2000`;
  const { body } = await bed.ask(`/api/workloads/default/web/events?${query}`);
  const decided = (body as EventsTold).events.find(({ type }) => type === 'Decided');
  const id = decided?.traceId ?? '';
  await tellSpans(bed, { id });
  const filters: string[] = [];
  const { log } = reader;
  for (const stream of [log.events, log.samples, log.minutes]) {
    const readToEnd = stream.readToEnd.bind(stream);
    stream.readToEnd = (options) => {
      filters.push(options.filter);
      return readToEnd(options);
    };
  }
  expect((await askFor(bed, id)).events).toContainEqual(decided);
  expect(filters).toEqual([expect.stringMatching(/\.default\.web\.>$/)]);
});

it('shows of a trace through two workloads the events of both', async () => {
  const story = await tellStory();
  await using bed = await openConsoleBed(story.reader);
  await expect.poll(() => bed.isReady()).toBe(true);
  const { body } = await bed.ask('/api/workloads/default/web/events?limit=2000');
  const decided = (body as EventsTold).events.find(({ type }) => type === 'Decided');
  const id = decided?.traceId ?? '';
  await tellSpans(bed, { id, count: 2 });
  await tellSpans(bed, { id, workload: 'default/front' });
  const { summary, events } = await askFor(bed, id);
  expect(summary.workload).toBe('default/front');
  expect(events).toContainEqual(decided);
});

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
    await tellSpans(bed, { workload });
    const { summary, events: told } = await askFor(bed);
    expect([summary.workload, told]).toEqual([workload, []]);
    expect(filters).toEqual([]);
  },
);

it('keeps all that one trace may have, however few traces it is to keep', async () => {
  const { reader } = await tellStory();
  await using bed = await openConsoleBed(reader, { consoleTracesMax: 1 });
  await tellSpans(bed, { count: 60 });
  expect((await askFor(bed)).spans).toHaveLength(60);
});
