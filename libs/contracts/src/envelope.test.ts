/** The envelope: what is written can be read, by us and by the CloudEvents SDK. */
import { CloudEvent, HTTP } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import { chainStart, followsChain } from './chain.ts';
import { decodeEvent, decodeSamples, encodeEvent, encodeUnchained } from './envelope.ts';
import { eventFrom, subjectOf } from './event.ts';
import { partitionOf } from './partition.ts';
import { podReady, samplesReported } from './testing/event-samples.ts';

const { body } = encodeEvent(podReady, chainStart);
const subject = subjectOf(podReady);

describe('the envelope of an event', () => {
  it('comes back as the event that was written, with its place in the stream', () => {
    expect(decodeEvent(body, subject, 7)).toEqual({ ok: true, event: { ...podReady, seq: 7 } });
  });

  it('is a valid CloudEvents 1.0 document to the SDK, extensions included', () => {
    const document = new CloudEvent(JSON.parse(body) as object, true);
    expect(document.validate()).toBe(true);
    const message = { headers: { 'content-type': 'application/cloudevents+json' }, body };
    const read = HTTP.toEvent(message) as CloudEvent<unknown>;
    expect(read).toMatchObject({
      id: podReady.id,
      type: 'dev.flyball.pod-ready.v1',
      subject: 'default/web.example',
      causationid: podReady.causationId,
      traceparent: podReady.traceparent,
      data: { pod: 'web-1' },
    });
  });

  it('derives the id from the cause, the pen and the workload', () => {
    expect(podReady.id).toBe('watcher-0-b7:41:platform:default/web.example');
  });

  it('escapes dots of Kubernetes names in the subject', () => {
    expect(subject).toBe('flyball.events.3.default.web_example.platform');
  });

  it('refuses to write data that does not fit the schema', () => {
    const broken = { ...podReady, data: { pod: 1 } as never };
    expect(() => encodeEvent(broken, chainStart)).toThrow(/expected string/);
  });

  it.each([
    ['text that is not JSON', '{', subject],
    ['a document that is no CloudEvent', '{"data":1}', subject],
    ['an unknown type', body.replace('pod-ready', 'pod-reddy'), subject],
    ['a version from the future', body.replace('pod-ready.v1', 'pod-ready.v2'), subject],
    ['an unknown attribute', body.replace('{', '{"colour":"red",'), subject],
    ['data of another shape', body.replace('"pod":', '"pods":'), subject],
    ["another workload's subject", body, subject.replace('web_example', 'other')],
    ["another pen's subject", body, subject.replace('platform', 'decisions')],
    ['a subject that is none of ours', body, 'orders.new'],
    ['a subject named like a property of all objects', body, 'flyball.events.3.constructor'],
    ['a partition that is no number', body, subject.replace('events.3', 'events.0x3')],
    ['a subject with more behind its pen', body, `${subject}.more`],
  ])('refuses %s, with a reason', (_, text, on) => {
    expect(decodeEvent(text, on, 1)).toEqual({ ok: false, reason: expect.any(String) });
  });
});

describe('with the partition count of its log', () => {
  const { rows: oneRow } = samplesReported.data;
  const noRows = Object.fromEntries(
    Object.keys(oneRow).map((column) => [column, []]),
  ) as unknown as typeof oneRow;
  const right = partitionOf('default/web', 8);
  const wrong = (right + 1) % 8;
  const reason = `default/web belongs to partition ${right} of 8, not to ${wrong}`;

  it('an event is refused on the subject of another partition', () => {
    const { body } = encodeEvent({ ...podReady, workload: 'default/web' }, chainStart);
    const on = (partition: number) => `flyball.events.${partition}.default.web.platform`;
    expect(decodeEvent(body, on(right), 1, 8)).toMatchObject({ ok: true });
    expect(decodeEvent(body, on(wrong), 1)).toMatchObject({ ok: true });
    expect(decodeEvent(body, on(wrong), 1, 8)).toEqual({ ok: false, reason });
  });

  it('a batch is refused that tells of the workload of another partition', () => {
    const idle = { ...samplesReported.data, rows: noRows, covered: ['default/web' as const] };
    const on = (partition: number, data = idle) => {
      const body = encodeUnchained({ ...samplesReported, partition, data });
      return decodeSamples(body, `flyball.samples.${partition}`, 1, 8);
    };
    expect(on(right)).toMatchObject({ ok: true });
    expect(on(wrong)).toEqual({ ok: false, reason });
    const row = { ...oneRow, workloads: ['default/web' as const] };
    expect(on(wrong, { ...idle, rows: row, covered: [] })).toEqual({ ok: false, reason });
  });
});

describe('the envelope of samples', () => {
  const batch = encodeUnchained(samplesReported);

  it('comes back as the batch that was written', () => {
    const read = decodeSamples(batch, 'flyball.samples.3', 9);
    expect(read).toEqual({ ok: true, event: { ...samplesReported, seq: 9 } });
  });

  it('refuses columns of different lengths', () => {
    const uneven = batch.replace('"inFlight":[50]', '"inFlight":[]');
    expect(decodeSamples(uneven, 'flyball.samples.3', 9)).toMatchObject({ ok: false });
  });

  it("refuses another partition's subject", () => {
    expect(decodeSamples(batch, 'flyball.samples.4', 9)).toMatchObject({ ok: false });
  });
});

describe('the chain', () => {
  it('links each body to the one before, on the bytes as stored', () => {
    const first = encodeEvent(podReady, chainStart);
    const next = eventFrom({ ...podReady, cause: { id: 'watcher-0-b7:42', atMs: podReady.atMs } });
    const second = encodeEvent(next, first.chain);
    expect(followsChain(chainStart, first.body)).toBe(true);
    expect(followsChain(first.chain, second.body)).toBe(true);
  });

  it('breaks when a body is changed, dropped or moved', () => {
    const first = encodeEvent(podReady, chainStart);
    expect(followsChain(chainStart, first.body.replace('web-1', 'web-2'))).toBe(false);
    expect(followsChain(first.chain, first.body)).toBe(false);
    expect(followsChain(chainStart, first.body.replace(/,"chain":.*/, '}'))).toBe(false);
  });
});
