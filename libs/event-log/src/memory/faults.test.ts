/** Lost answers, lost messages and lost tails, on the memory server. */
import { expect, test } from 'vitest';
import { messageOf, storedSeq, subjectOf } from '../contract/bed.ts';
import { type MemoryServerOptions, startMemoryServer } from '../memory.ts';
import { classifyPosition } from '../position.ts';
import type { AppendFault } from './memory-stream.ts';

const web = subjectOf('web');

/** A server that treats the first tries of each append as given, then lets all pass. */
const faulty = (faults: readonly AppendFault[], options: Partial<MemoryServerOptions> = {}) => {
  const left = [...faults];
  return startMemoryServer({ ...options, faults: () => left.shift() ?? 'none' });
};

for (const checksFirst of ['fence', 'id'] as const) {
  test(`an append whose answers get lost is stored once and says so (${checksFirst})`, async () => {
    const server = faulty(['answer-lost', 'message-lost', 'answer-lost'], { checksFirst });
    const log = server.connect();
    expect(await log.events.append(messageOf(web, 'a', 0))).toEqual({
      kind: 'stored',
      seq: 1,
      again: true,
    });
    expect((await log.events.state()).messages).toBe(1);
  });

  test(`once the id is forgotten the fence stops the repeat (${checksFirst})`, async () => {
    let nowMs = 0;
    const server = startMemoryServer({
      checksFirst,
      duplicateWindowMs: 100,
      nowMs: () => nowMs,
      faults: () => {
        nowMs += 200;
        return nowMs === 200 ? 'answer-lost' : 'none';
      },
    });
    const log = server.connect();
    expect(await log.events.append(messageOf(web, 'a', 0))).toEqual({
      kind: 'stored',
      seq: 1,
      again: true,
    });
    expect((await log.events.state()).messages).toBe(1);
  });
}

test('a message that never arrives gives NATS_TIMEOUT after all tries', async () => {
  const server = startMemoryServer({ faults: () => 'message-lost' });
  await expect(server.connect().events.append(messageOf(web, 'a', 0))).rejects.toMatchObject({
    code: 'NATS_TIMEOUT',
    retriable: true,
  });
});

test('a cut connection delays an append and a reader, then both go on', async () => {
  const server = startMemoryServer();
  const [log, writer] = [server.connect(), server.connect()];
  const stop = new AbortController();
  const resumed: string[] = [];
  const options = { filter: 'flyball.events.>', afterSeq: 0, signal: stop.signal };
  const reader = log.events
    .read({ ...options, onResume: (reason) => resumed.push(reason) })
    [Symbol.asyncIterator]();
  log.disconnect();
  const appending = log.events.append(messageOf(web, 'mine', 0));
  const seq = await storedSeq(writer, messageOf(web, 'theirs', 0));
  const reading = reader.next();
  log.reconnect();
  expect(await appending).toEqual({ kind: 'fenced', lastSeq: seq });
  expect((await reading).value?.map(({ id }: { id: string }) => id)).toEqual(['theirs']);
  expect(resumed).toEqual(['reconnect']);
  stop.abort();
});

test('what may go over one connection only is not stored over the next one', async () => {
  const server = startMemoryServer();
  const log = server.connect();
  const connection = log.connection();
  log.disconnect();
  const appending = log.events.append({ ...messageOf(web, 'mine', 0), connection });
  const putting = log.snapshots.put('decider.0', new Uint8Array([1]), connection);
  const refused = Promise.all([
    expect(appending).rejects.toMatchObject({ code: 'NATS_RECONNECTED', retriable: true }),
    expect(putting).rejects.toMatchObject({ code: 'NATS_RECONNECTED', retriable: true }),
  ]);
  log.reconnect();
  await refused;
  expect((await log.events.state()).messages).toBe(0);
  expect(await log.snapshots.get('decider.0')).toBeUndefined();
  const again = { ...messageOf(web, 'mine', 0), connection: log.connection() };
  expect(await log.events.append(again)).toEqual({ kind: 'stored', seq: 1 });
});

test('a reader says over which connection it reads, before each first message', async () => {
  const server = startMemoryServer();
  const [log, writer] = [server.connect(), server.connect()];
  const told: (number | string)[] = [];
  const onOpen = (connection: number): void => void told.push(connection);
  const options = { filter: 'flyball.events.>', afterSeq: 0, onOpen };
  await storedSeq(writer, messageOf(web, 'a', 0));
  for await (const [message] of log.events.read({
    ...options,
    signal: AbortSignal.timeout(5_000),
  })) {
    told.push(message?.id ?? '');
    if (message?.id === 'b') break;
    // Gone and back between two messages: nobody saw the connection away.
    log.disconnect();
    log.reconnect();
    await storedSeq(writer, messageOf(web, 'b', 1));
  }
  expect(told).toEqual([1, 'a', 2, 'b']);
});

test('a closed connection refuses calls and ends its readers', async () => {
  const log = startMemoryServer().connect();
  const never = new AbortController().signal;
  const reader = log.events
    .read({ filter: 'flyball.events.>', afterSeq: 0, signal: never })
    [Symbol.asyncIterator]();
  const reading = reader.next();
  await log.close();
  expect((await reading).done).toBe(true);
  await expect(log.events.state()).rejects.toMatchObject({ code: 'NATS_UNREACHABLE' });
});

test('a log that lost its tail fences the writer and is recognised by position', async () => {
  const server = startMemoryServer();
  const log = server.connect();
  const { createdAt: streamCreatedAt } = await log.events.state();
  const first = await storedSeq(log, messageOf(web, 'a', 0));
  const second = await storedSeq(log, messageOf(web, 'b', first));
  const position = { streamCreatedAt, seq: second, eventId: 'b' };
  const judge = async () =>
    classifyPosition(await log.events.state(), position, await log.events.at(position.seq));
  expect(await judge()).toEqual({ kind: 'ok' });
  server.loseTail('EVENTS', first);
  expect(await log.events.append(messageOf(web, 'c', second))).toEqual({
    kind: 'fenced',
    lastSeq: first,
  });
  expect(await judge()).toEqual({ kind: 'truncated', lostFromSeq: 2, lostToSeq: 2 });
  await storedSeq(log, messageOf(web, 'rewritten', first));
  expect(await judge()).toEqual({ kind: 'truncated', lostFromSeq: 2, lostToSeq: 2 });
});

test('a subject of a truncated log is not taken for one that was emptied', async () => {
  const server = startMemoryServer();
  const log = server.connect();
  const seq = await storedSeq(log, messageOf(web, 'a', 0));
  server.loseTail('EVENTS', 0);
  expect(await log.events.append(messageOf(web, 'b', seq))).toEqual({ kind: 'fenced', lastSeq: 0 });
});

test('a stream made anew is recognised, and a purged position is no loss', async () => {
  const server = startMemoryServer();
  const log = server.connect();
  const before = await log.events.state();
  const first = await storedSeq(log, messageOf(web, 'a', 0));
  await storedSeq(log, messageOf(web, 'b', first));
  const position = { streamCreatedAt: before.createdAt, seq: first, eventId: 'a' };
  await log.events.purge(web, 100);
  const purged = await log.events.at(first);
  expect(purged).toBeUndefined();
  expect(classifyPosition(await log.events.state(), position, purged)).toEqual({ kind: 'ok' });
  server.recreate('EVENTS');
  const state = await log.events.state();
  expect(classifyPosition(state, position, undefined)).toEqual({
    kind: 'recreated',
    createdAt: state.createdAt,
  });
  expect(state).toMatchObject({ lastSeq: 0, messages: 0 });
});

test('a subject that lost all it had is fenced, also when the log has grown again', async () => {
  const server = startMemoryServer();
  const log = server.connect();
  const api = subjectOf('api');
  await storedSeq(log, messageOf(api, 'a', 0));
  const expected = await storedSeq(log, messageOf(web, 'lost', 0));
  server.loseTail('EVENTS', expected - 1);
  await storedSeq(log, messageOf(api, 'b', 1));
  const next = await log.events.append(messageOf(web, 'next', expected));
  expect(next).toEqual({ kind: 'fenced', lastSeq: 0 });
});
