/** A replay is a trace of its own: it links to the decisions that it makes again. */
import { storyWorkload as workload } from '@flyball/reading/testing';
import { contextOf } from '@flyball/telemetry';
import { type RunningSink, startSink } from '@flyball/telemetry/testing';
import { expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { storyTraceId, tellColdStart } from '../testing/traced-story.ts';
import { showVerification } from '../verbs/replay-verify.ts';
import { startReplayTelling, unusableTracesUrl } from './replay-telling.ts';

const { signal } = new AbortController();

const verifyTellingTo = async (env: Readonly<Record<string, string>>) => {
  const story = await tellColdStart();
  const terminal = captureTerminal();
  const telling = await startReplayTelling(workload, { env, terminal });
  const options = { data: 'unused', workload };
  const code = await showVerification({ terminal, signal }, story.reader, options, telling);
  await telling.end();
  return { story, code, notes: terminal.notes };
};

/** The one that was made for the request that waited. */
const tracedDecision = async ({ story }: Awaited<ReturnType<typeof verifyTellingTo>>) => {
  const filter = 'flyball.events.*.default.web.decisions';
  for await (const batch of story.log.events.readToEnd({ filter, afterSeq: 0, signal })) {
    const found = batch.find(({ body }) => body.includes(storyTraceId));
    if (found !== undefined) return JSON.parse(found.body);
  }
};

const linksIn = ({ spans }: Pick<RunningSink, 'spans'>) => spans.flatMap(({ links }) => links);

it('links to each original, and continues none', async () => {
  await using sink = await startSink();
  const told = await verifyTellingTo({ FLYBALL_TRACES_URL: sink.url });
  expect(told).toMatchObject({ code: 0, notes: [] });
  const [replay, ...others] = sink.spans.toSorted((a) => (a.parentSpanId === null ? -1 : 1));
  expect(replay).toMatchObject({ name: 'replay', service: 'flyball-replay', parentSpanId: null });
  expect(others.every(({ parentSpanId }) => parentSpanId === replay?.spanId)).toBe(true);
  expect(new Set(sink.spans.map(({ traceId }) => traceId)).size).toBe(1);
  const original = contextOf(await tracedDecision(told));
  expect(original.traceId).toBe(storyTraceId);
  expect(sink.spans.map(({ traceId }) => traceId)).not.toContain(storyTraceId);
  expect(sink.spans.map(({ spanId }) => spanId)).not.toContain(original.spanId);
  expect(linksIn(sink)).toContainEqual({
    ...{ traceId: storyTraceId, spanId: original.spanId },
    attributes: { 'flyball.link': 'replays' },
  });
  expect(linksIn(sink)).toHaveLength(Number(replay?.attributes['flyball.replay.decisions']));
});

it('tells nothing where the environment names nobody, or OpenTelemetry is off', async () => {
  await using sink = await startSink();
  await verifyTellingTo({});
  await verifyTellingTo({ FLYBALL_TRACES_URL: sink.url, OTEL_SDK_DISABLED: 'true' });
  expect(sink.spans).toEqual([]);
});

it('a receiver that is not there costs the trace, not the verdict', async () => {
  const sink = await startSink();
  await sink.close();
  expect(await verifyTellingTo({ FLYBALL_TRACES_URL: sink.url })).toMatchObject({ code: 0 });
});

it.each([
  ['', undefined],
  ['http://127.0.0.1:4318', undefined],
  ['127.0.0.1:4318', 'allowed: http://HOST:PORT'],
  ['nats://127.0.0.1', 'allowed: http://HOST:PORT'],
])('the address %j is %s', (given, said) => {
  const unusable = unusableTracesUrl({ FLYBALL_TRACES_URL: given });
  if (said === undefined) expect(unusable).toBeUndefined();
  else expect(unusable).toContain(said);
});
