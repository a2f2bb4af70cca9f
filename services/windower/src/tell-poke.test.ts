/** What spans a windower tells: the fold and the statement of rows poked for a request. */
import { decodeEvent, type RecordedEvent, streams } from '@flyball/contracts';
import { attributeNames, type FinishedSpan, spanIdOf } from '@flyball/telemetry';
import { recordingTelemetry } from '@flyball/telemetry/testing';
import { expect, it } from 'vitest';
import { openStory, startMs, windowsOf } from './testing/windower-story.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const requestSpanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${requestSpanId}-01`;

type Tick = Extract<RecordedEvent, { type: 'TickObserved' }>;

/** A windower over `web`, whose spans are kept; an append takes 3 ms. */
const begun = async () => {
  const telemetry = recordingTelemetry();
  const story = openStory({ telemetry, appendTakesMs: () => 3 });
  await story.bringUp(windowsOf(6, 2));
  const owner = await story.begin();
  await story.live(6, 10);
  const named = (phase: string): readonly FinishedSpan[] =>
    telemetry.spans.filter(({ attributes }) => attributes[attributeNames.phase] === phase);
  return { story, owner, telemetry, named };
};

const pokesIn = async ({ server }: ReturnType<typeof openStory>): Promise<readonly Tick[]> => {
  const found: Tick[] = [];
  const reading = { filter: '>', afterSeq: 0, signal: new AbortController().signal };
  for await (const batch of server.connect().events.readToEnd(reading)) {
    for (const { body, subject, seq } of batch) {
      const decoded = decodeEvent(body, subject, seq);
      if (!decoded.ok || decoded.event.type !== 'TickObserved') continue;
      if (decoded.event.data.kind === 'poke') found.push(decoded.event);
    }
  }
  return found;
};

it('tells of a poke that its row was folded, and stated', async () => {
  const { story, named } = await begun();
  await story.sample(6, 50, { partial: true, traceparent });
  await story.live(7, 50);
  const [poke] = await pokesIn(story);
  const [fold, tick] = [named('fold'), named('tick')];
  expect(fold).toMatchObject([
    {
      ...{ traceId, parentSpanId: requestSpanId, kind: 'consumer', error: null },
      spanId: spanIdOf('activator-a:6:6020:default/web'),
      name: 'process flyball.samples.{partition}',
      attributes: { [attributeNames.stream]: streams.samples },
    },
  ]);
  expect(tick).toMatchObject([
    {
      ...{ traceId, parentSpanId: requestSpanId, kind: 'producer', error: null },
      spanId: spanIdOf(`${poke?.id}:default/web`),
      attributes: {
        [attributeNames.eventId]: poke?.id,
        [attributeNames.sequence]: poke?.seq,
        [attributeNames.workload]: 'default/web',
      },
    },
  ]);
  // It was told at once, and known to be stored 3 ms later.
  const atMs = startMs + 6_020;
  expect([fold[0]?.startMs, fold[0]?.endMs]).toEqual([atMs, atMs]);
  expect([tick[0]?.startMs, tick[0]?.endMs]).toEqual([atMs, atMs + 3]);
});

it('tells nothing of a row that waits for its policy beside one that is poked', async () => {
  const { story, telemetry, named } = await begun();
  await story.sample(6, 50, { partial: true, traceparent, beside: 'default/api' });
  await story.live(7, 50);
  const workloads = [...named('fold'), ...named('tick')].map(
    ({ attributes }) => attributes[attributeNames.workload],
  );
  expect(workloads).toEqual(['default/web', 'default/web']);
  expect(telemetry.spans.some(({ name }) => name === 'recover')).toBe(true);
});

it('tells nothing of a row without a request, nor of a second that pokes nobody', async () => {
  const { story, named } = await begun();
  await story.sample(6, 50, { partial: true });
  await story.live(7, 50);
  expect(await pokesIn(story)).toHaveLength(1);
  await story.sample(6, 1, { traceparent });
  await story.live(9, 1);
  expect([...named('fold'), ...named('tick')]).toEqual([]);
});

it('tells nothing again when it is folded anew, but that it recovered', async () => {
  const { story, owner, telemetry, named } = await begun();
  await story.sample(6, 50, { partial: true, traceparent });
  await story.live(7, 50);
  owner.kill();
  const before = telemetry.spans.length;
  await story.begin();
  await story.live(14, 50);
  expect(telemetry.spans.slice(before)).toMatchObject([
    {
      name: 'recover',
      parentSpanId: null,
      attributes: { 'flyball.stage': 'windower', 'flyball.recovered.from': 'log' },
    },
  ]);
  expect([named('fold').length, named('tick').length]).toEqual([1, 1]);
});
