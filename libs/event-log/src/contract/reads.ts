/** Contract: readers get every message of their filter, once, in order. */
import { expect, test } from 'vitest';
import type { EventLog } from '../event-log.ts';
import { readPartitionCount } from '../partition-count.ts';
import { type Contract, messageOf, storedSeq, subjectOf, takeMessages } from './bed.ts';

const never = new AbortController().signal;

/** Appends alternately to two partitions, each message fenced on the one before. */
const fillTwoPartitions = async (log: EventLog, count: number): Promise<void> => {
  const last = new Map<string, number>();
  for (let index = 0; index < count; index += 1) {
    const subject = subjectOf(`w${index % 5}`, 'decisions', index % 2);
    const seq = await storedSeq(log, messageOf(subject, `m${index}`, last.get(subject) ?? 0));
    last.set(subject, seq);
  }
};

const isAscending = (seqs: readonly number[]): boolean =>
  seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? 0));

const stored = ({ open }: Contract): void => {
  test('a wildcard filter is read in the order of the stream, across subjects', async () => {
    await using bed = await open();
    const log = await bed.connect();
    await fillTwoPartitions(log, 100);
    const filter = 'flyball.events.1.>';
    const read = await takeMessages(log.events.readToEnd({ filter, afterSeq: 0, signal: never }));
    expect(read.map(({ id }) => id)).toEqual(
      Array.from({ length: 50 }, (_, index) => `m${index * 2 + 1}`),
    );
    expect(isAscending(read.map(({ seq }) => seq))).toBe(true);
    expect(read[0]).toMatchObject({
      subject: subjectOf('w1', 'decisions', 1),
      body: '{"id":"m1"}',
    });
  });

  test('reading to the end ends, whatever follows, is missing or does not match', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const read = async (filter: string, afterSeq: number) =>
      (await takeMessages(log.events.readToEnd({ filter, afterSeq, signal: never }))).map(
        ({ id }) => id,
      );
    expect(await read('flyball.events.0.>', 0)).toEqual([]);
    const first = await storedSeq(log, messageOf(subjectOf('web'), 'a', 0));
    const last = await storedSeq(log, messageOf(subjectOf('api'), 'b', 0));
    await storedSeq(log, messageOf(subjectOf('web', 'decisions', 1), 'elsewhere', 0));
    expect(await read('flyball.events.0.>', 0)).toEqual(['a', 'b']);
    expect(await read('flyball.events.0.>', first)).toEqual(['b']);
    expect(await read('flyball.events.0.>', last)).toEqual([]);
    expect(await read('flyball.events.0.>', last + 100)).toEqual([]);
    expect(await read('flyball.events.7.>', 0)).toEqual([]);
  });

  test('reading to the end is not held open by appends that go on', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const web = subjectOf('web');
    let last = await storedSeq(log, messageOf(web, 'm0', 0));
    const read: string[] = [];
    const filter = 'flyball.events.0.>';
    for await (const batch of log.events.readToEnd({ filter, afterSeq: 0, signal: never })) {
      read.push(...batch.map(({ id }) => id));
      last = await storedSeq(log, messageOf(web, `m${read.length}`, last));
    }
    expect(read).toEqual(['m0']);
  });

  test('the last message, one by sequence, and the last of each subject are found', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const web = subjectOf('web');
    const first = await storedSeq(log, messageOf(web, 'a', 0));
    const second = await storedSeq(log, messageOf(web, 'b', first));
    const other = await storedSeq(log, messageOf(subjectOf('api'), 'c', 0));
    expect((await log.events.last(web))?.id).toBe('b');
    expect((await log.events.last('flyball.events.0.>'))?.id).toBe('c');
    expect(await log.events.last(subjectOf('nobody'))).toBeUndefined();
    expect((await log.events.at(first))?.id).toBe('a');
    expect(await log.events.at(999)).toBeUndefined();
    expect(await log.events.at(0)).toBeUndefined();
    expect(await log.events.subjects('flyball.events.0.>')).toEqual(
      new Map([
        [web, second],
        [subjectOf('api'), other],
      ]),
    );
    expect(await log.events.subjects('flyball.events.9.>')).toEqual(new Map());
  });

  test('the state tells the stream, its ends and the partition count', async () => {
    await using bed = await open();
    const log = await bed.connect();
    expect(await log.events.state()).toMatchObject({ lastSeq: 0, messages: 0 });
    await storedSeq(log, messageOf(subjectOf('web'), 'a', 0));
    const state = await log.events.state();
    expect(state).toMatchObject({ firstSeq: 1, lastSeq: 1, messages: 1, maxAgeMs: 0 });
    expect(state.createdAt).toBe((await (await bed.connect()).events.state()).createdAt);
    expect(await readPartitionCount(log)).toBe(8);
  });
};

const live = ({ open }: Contract): void => {
  test('stored messages come first, then live ones, without a seam', async () => {
    await using bed = await open();
    const [log, writer] = [await bed.connect(), await bed.connect()];
    await fillTwoPartitions(writer, 600);
    const stop = new AbortController();
    const reading = takeMessages(
      log.events.read({ filter: 'flyball.events.0.>', afterSeq: 0, signal: stop.signal }),
      400,
    );
    let last = 0;
    for (let index = 0; index < 100; index += 1) {
      last = await storedSeq(writer, messageOf(subjectOf('live'), `live${index}`, last));
    }
    const read = await reading;
    expect(read).toHaveLength(400);
    expect(isAscending(read.map(({ seq }) => seq))).toBe(true);
    expect(new Set(read.map(({ id }) => id)).size).toBe(400);
  });

  test('a reader is told how much is still to come, of what it reads', async () => {
    await using bed = await open();
    const log = await bed.connect();
    await fillTwoPartitions(log, 1_500);
    const stop = new AbortController();
    const told: number[] = [];
    let taken = 0;
    const reading = { filter: 'flyball.events.1.>', afterSeq: 0, signal: stop.signal };
    const onPending = (messages: number) => void told.push(messages);
    for await (const batch of log.events.read({ ...reading, onPending })) {
      taken += batch.length;
      expect(taken + (told.at(-1) ?? 0)).toBe(750);
      if (taken === 750) break;
    }
    expect(told.at(-1)).toBe(0);
  });

  test('a message comes while the next is not yet written', async () => {
    await using bed = await open();
    const [log, writer] = [await bed.connect(), await bed.connect()];
    const stop = new AbortController();
    const filter = 'flyball.events.0.>';
    const reader = log.events
      .read({ filter, afterSeq: 0, signal: stop.signal })
      [Symbol.asyncIterator]();
    let last = 0;
    for (let index = 0; index < 20; index += 1) {
      last = await storedSeq(writer, messageOf(subjectOf('web'), `m${index}`, last));
      const { value } = await reader.next();
      expect(value?.map(({ id }: { id: string }) => id)).toEqual([`m${index}`]);
    }
    stop.abort();
    expect((await reader.next()).done).toBe(true);
  });

  test('a reader that waits ends when its signal aborts', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const stop = new AbortController();
    const reading = takeMessages(
      log.events.read({ filter: 'flyball.events.0.>', afterSeq: 0, signal: stop.signal }),
    );
    await storedSeq(log, messageOf(subjectOf('web'), 'a', 0));
    await bed.pass(200);
    stop.abort();
    expect((await reading).map(({ id }) => id)).toEqual(['a']);
  });

  test('a slow reader gets everything, in order, and holds up nobody', async () => {
    await using bed = await open();
    const [log, writer] = [await bed.connect(), await bed.connect()];
    const count = 3_000;
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        writer.events.append(messageOf(subjectOf(`w${index}`), `m${index}`, 0)),
      ),
    );
    const stop = new AbortController();
    const seqs: number[] = [];
    const options = { filter: 'flyball.events.0.>', afterSeq: 0, signal: stop.signal };
    for await (const batch of log.events.read(options)) {
      // Longer than the reader waits for heartbeats, once.
      if (seqs.length === 0) await bed.pass(1_500);
      seqs.push(...batch.map(({ seq }) => seq));
      if (seqs.length >= count) break;
    }
    expect(seqs).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });
};

export const readContract = (contract: Contract): void => {
  stored(contract);
  live(contract);
};
