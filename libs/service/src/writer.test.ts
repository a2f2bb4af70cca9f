/** A writer whose fences are more than it keeps: forgotten ones are looked up, and still guard. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { type EventLog, startMemoryServer } from '@flyball/event-log';
import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { type Fences, noFence, subjectOfEvent } from './fences.ts';
import { opening, tick } from './testing/partition-story.ts';
import { streamOver } from './testing/stream-road.ts';
import { fencesMax, openWriter, type Writer } from './writer.ts';

const workload: WorkloadKey = 'default/a';
const [appeared, policySet, podAppeared, podReady] = opening(workload);
if (!appeared || !policySet || !podAppeared || !podReady) throw new Error('opening has changed');
const subject = subjectOfEvent(appeared);

const writerOn = (log: EventLog, fences: Fences = {}, foldedThroughSeq = 0): Writer =>
  openWriter({
    ...{ stream: log.events, fences, foldedThroughSeq, clock: systemClock },
    signal: new AbortController().signal,
  });

/** Others were written later than ours, so that ours is what is forgotten. */
const crowd = (writer: Writer): void => {
  for (let n = 0; n < fencesMax; n += 1) {
    writer.note(`flyball.events.0.default.crowd-${n}.platform`, { ...noFence, seq: 10 + n });
  }
};

describe('a writer', () => {
  it('keeps a bounded number of fences, the oldest are forgotten', async () => {
    const writer = writerOn(startMemoryServer().connect());
    await writer.append(appeared);
    crowd(writer);
    const fences = writer.fences(1);
    expect(Object.keys(fences).length).toBe(fencesMax);
    expect(fences[subject]).toBeUndefined();
  });

  it('forgets none that its state has not read past', async () => {
    const writer = writerOn(startMemoryServer().connect());
    await writer.append(appeared);
    crowd(writer);
    expect(writer.fences(0)[subject]).toMatchObject({ seq: 1 });
  });

  it('goes on after a forgotten fence, also after a restart', async () => {
    const log = startMemoryServer().connect();
    const writer = writerOn(log);
    await writer.append(appeared);
    crowd(writer);
    const fences = writer.fences(1);
    expect(await writer.append(podAppeared)).toEqual({ kind: 'stored', seq: 2 });
    const next = writerOn(log, { ...fences, x: { ...noFence, seq: 9 } }, 2);
    expect(await next.append(podReady)).toEqual({ kind: 'stored', seq: 3 });
  });

  it('is refused where a rival wrote after what it has folded', async () => {
    const log = startMemoryServer().connect();
    const [writer, rival] = [writerOn(log), writerOn(log)];
    await writer.append(appeared);
    rival.note(subject, writer.fence(subject) ?? noFence);
    crowd(writer);
    writer.fences(1);
    await rival.append(podAppeared);
    expect(await writer.append(podReady)).toEqual({ kind: 'fenced', subject });
  });

  it('that was refused once stays so: what waits behind it is of the same state', async () => {
    const log = startMemoryServer().connect();
    const [writer, rival] = [writerOn(log), writerOn(log)];
    await rival.append(appeared);
    const both = [writer.append(podAppeared), writer.append(podReady)];
    writer.note(subject, rival.fence(subject) ?? noFence);
    expect(await Promise.all(both)).toEqual([
      { kind: 'fenced', subject },
      { kind: 'fenced', subject },
    ]);
    expect(await rival.append(podAppeared)).toEqual({ kind: 'stored', seq: 2 });
  });

  it('tells of one workload in order, also when the first has to be sent again', async () => {
    const faults = ['message-lost', 'none', 'none'] as const;
    let sent = 0;
    const server = startMemoryServer({ faults: () => faults[sent++] ?? 'none' });
    const writer = writerOn(server.connect());
    const written = await Promise.all([writer.append(appeared), writer.append(policySet)]);
    expect(written).toEqual([
      { kind: 'stored', seq: 1 },
      { kind: 'stored', seq: 2 },
    ]);
  });

  it('tells nothing behind what could not be told before its signal aborted', async () => {
    const stop = new AbortController();
    const { events } = startMemoryServer().connect();
    const timeout = new OutsideError('NATS_TIMEOUT', 'not answered', { retriable: true });
    const answers: Promise<void>[] = [Promise.reject(timeout)];
    const stream = streamOver(events, {
      append: () => answers.shift() ?? Promise.resolve(),
    });
    const options = { foldedThroughSeq: 0, clock: systemClock, signal: stop.signal };
    const writer = openWriter({ stream, ...options });
    const both = [writer.append(podAppeared), writer.append(podReady)];
    stop.abort();
    await expect(both[0]).rejects.toBe(timeout);
    expect(await both[1]).toEqual({ kind: 'fenced', subject });
  });

  it('hands on what a rival has told under the same id, not its own words', async () => {
    const log = startMemoryServer().connect();
    await writerOn(log).append(podAppeared);
    const other = { ...podAppeared, atMs: podAppeared.atMs + 1 };
    expect(await writerOn(log).append(other)).toEqual({ kind: 'duplicate', seq: 1 });
  });

  it('says beside a message which trace it belongs to, where all of it is of one', async () => {
    const sent: (string | undefined)[] = [];
    const { events } = startMemoryServer().connect();
    const stream = streamOver(events, {
      append: async ({ traceparent }) => void sent.push(traceparent),
    });
    const signal = new AbortController().signal;
    const writer = openWriter({ stream, foldedThroughSeq: 0, clock: systemClock, signal });
    const traceOf = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
    const [one, two] = [traceOf('1'), traceOf('2')];
    await writer.append({ ...appeared, traceparent: one });
    await writer.append(policySet);
    const poke = (n: number, traceparents: (string | null)[]) => {
      const told = tick(n, [workload, 'default/b'], 5);
      return { ...told, data: { ...told.data, rows: { ...told.data.rows, traceparents } } };
    };
    await writer.append(poke(1, [null, two]));
    await writer.append(poke(2, [one, two]));
    await writer.append(poke(3, [null, null]));
    expect(sent).toEqual([one, undefined, two, undefined, undefined]);
  });

  it('takes a subject that it never wrote for empty, and is refused when it is not', async () => {
    const log = startMemoryServer().connect();
    await writerOn(log).append(appeared);
    expect(await writerOn(log).append(podAppeared)).toEqual({ kind: 'fenced', subject });
  });
});
