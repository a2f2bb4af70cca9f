/** A log that loses its tail under a decider: nothing stays that follows from what was lost. */
import { type MemoryServer, startMemoryServer } from '@flyball/event-log';
import { afterEach, describe, expect, it } from 'vitest';
import { type LeftState, recover } from './recover.ts';
import {
  connectingBy,
  type Driver,
  decidedThrough,
  expectWholeChains,
  history,
  startDecider,
  tellerAgain,
  until,
  workloads,
  written,
} from './testing/driven-decider.ts';
import {
  createTeller,
  deterministicDecider,
  opening,
  storyPartition,
  tick,
} from './testing/partition-story.ts';
import type { StreamRoad } from './testing/stream-road.ts';

const drivers: Driver[] = [];

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.kill()));
});

const start = (server: MemoryServer): Driver => {
  const driver = startDecider(server);
  drivers.push(driver);
  return driver;
};

const isOf =
  (prefix: string) =>
  ({ id }: { readonly id: string }): boolean =>
    id.startsWith(prefix);

/** A partition whose workloads were decided at one tick, and what tells it more. */
const begun = async (server: MemoryServer) => {
  const teller = createTeller(server.connect());
  for (const event of workloads.flatMap(opening)) await teller(event);
  await teller(tick(1, workloads, 25));
  return teller;
};

/** The causes that decisions and progress name, and which of them the log does not hold. */
const causesMissing = async (server: MemoryServer): Promise<readonly string[]> => {
  const ids = new Set<string>();
  const { events } = server.connect();
  const signal = AbortSignal.timeout(5_000);
  for await (const batch of events.readToEnd({ filter: 'flyball.>', afterSeq: 0, signal })) {
    for (const { id } of batch) ids.add(id);
  }
  const causes = (await written(server)).map(({ body }) => JSON.parse(body).causationid as string);
  return causes.filter((cause) => !ids.has(cause));
};

const told = async (server: MemoryServer): Promise<readonly string[]> =>
  (await written(server)).map(({ id }) => id).sort();

describe('a decider whose log loses its tail', () => {
  it('stores no decision under way whose tick is gone', async () => {
    let isCut = false;
    const server = startMemoryServer({
      faults: (_stream, { id }) => {
        if (isCut || !id.startsWith('w2-1:ticks:0:')) return 'none';
        decider.link.disconnect();
        return 'message-lost';
      },
    });
    const teller = await begun(server);
    const decider = start(server);
    await until(decidedThrough(server, 1));
    const kept = server.lastSeq('EVENTS');
    await teller(tick(2, workloads, 95));
    await until(async () => decider.link.status() === 'disconnected');
    isCut = true;
    server.loseTail('EVENTS', kept);
    decider.link.reconnect();
    await (await tellerAgain(server, kept))(tick(3, workloads, 60));
    await until(decidedThrough(server, 2));
    expect(await causesMissing(server)).toEqual([]);
    expect((await told(server)).some((id) => id.startsWith('w2-1:'))).toBe(false);
    await expectWholeChains(server);
  });

  it('decides anew what it had read of its own, when that is gone before it goes on', async () => {
    const server = startMemoryServer();
    const teller = await begun(server);
    const first = start(server);
    await until(decidedThrough(server, 1));
    await first.stop();
    const kept = server.lastSeq('EVENTS');
    await teller(tick(2, workloads, 95));
    const second = start(server);
    await until(decidedThrough(server, 2));
    await second.kill();
    const alone = await history(server);
    let isCut = false;
    const third = start(
      connectingBy(server, (log) => {
        const { events } = log;
        const readToEnd = events.readToEnd.bind(events);
        events.readToEnd = async function* (options) {
          yield* readToEnd(options);
          if (isCut || !options.filter.endsWith('progress')) return;
          isCut = true;
          log.disconnect();
        };
      }),
    );
    await until(async () => isCut);
    server.loseTail('EVENTS', kept);
    await (await tellerAgain(server, kept))(tick(2, workloads, 95));
    third.link.reconnect();
    await until(decidedThrough(server, 2));
    expect(await causesMissing(server)).toEqual([]);
    expect(await history(server)).toEqual(alone);
    await expectWholeChains(server);
  });

  it('decides anew what was stored, and is gone before it came back', async () => {
    const server = startMemoryServer();
    const teller = await begun(server);
    const reading = Promise.withResolvers<void>();
    const road: StreamRoad = {
      read: (batch) => (batch.some(isOf('w2-1:ticks')) ? reading.promise : Promise.resolve()),
    };
    const decider = startDecider(server, deterministicDecider, { road });
    drivers.push(decider);
    await until(decidedThrough(server, 1));
    await teller(tick(2, workloads, 95));
    const ticked = server.lastSeq('EVENTS');
    await until(decidedThrough(server, 2));
    const before = await history(server);
    decider.link.disconnect();
    server.loseTail('EVENTS', ticked);
    decider.link.reconnect();
    reading.resolve();
    await until(decidedThrough(server, 2));
    expect(await history(server)).toEqual(before);
    await expectWholeChains(server);
  });

  it('reads its own anew when the log loses and replaces some in the middle of it', async () => {
    const server = startMemoryServer();
    const teller = await begun(server);
    const first = start(server);
    await until(decidedThrough(server, 1));
    await first.stop();
    const kept = server.lastSeq('EVENTS');
    await teller(tick(2, workloads, 95));
    const second = start(server);
    await until(decidedThrough(server, 2));
    await second.kill();
    const reading = { progress: Promise.withResolvers<void>(), isCut: false };
    const third = start(
      connectingBy(server, (log) => {
        const readToEnd = log.events.readToEnd.bind(log.events);
        log.events.readToEnd = async function* (options) {
          if (options.filter.endsWith('progress')) await reading.progress.promise;
          yield* readToEnd(options);
          if (options.filter.endsWith('decisions') && !reading.isCut) log.disconnect();
          reading.isCut = true;
        };
      }),
    );
    await until(async () => reading.isCut);
    server.loseTail('EVENTS', kept);
    const tellerThen = await tellerAgain(server, kept);
    await tellerThen(tick(2, workloads, 60));
    const rival = start(server);
    await until(decidedThrough(server, 2));
    await rival.kill();
    third.link.reconnect();
    reading.progress.resolve();
    await tellerThen(tick(3, workloads, 130));
    await until(decidedThrough(server, 3));
    await expectWholeChains(server);
  });

  it('leaves no snapshot behind that is ahead of the log', async () => {
    const server = startMemoryServer();
    const teller = await begun(server);
    const decider = start(
      connectingBy(server, (log) => {
        const { snapshots } = log;
        const put = snapshots.put.bind(snapshots);
        snapshots.put = (key, value, connection) => {
          log.disconnect();
          return put(key, value, connection);
        };
      }),
    );
    await until(decidedThrough(server, 1));
    const kept = server.lastSeq('EVENTS');
    await teller(tick(2, workloads, 95));
    await until(decidedThrough(server, 2));
    const stopping = decider.stop();
    await until(async () => decider.link.status() === 'disconnected');
    server.loseTail('EVENTS', kept);
    decider.link.reconnect();
    await stopping;
    expect(await server.connect().snapshots.keys()).toEqual([]);
  });
});

describe('a state that is ahead of the log', () => {
  const recoverFrom = (server: MemoryServer, left?: LeftState<unknown>) =>
    recover<unknown>(
      {
        ...{ log: server.connect(), stage: 'decider', partition: storyPartition },
        ...{ snapshotVersion: deterministicDecider.snapshotVersion },
        fromSnapshot: (snapshot) => snapshot,
        initialState: () => 'initial',
      },
      left,
    );

  /** A snapshot after the first tick; it holds what was decided there, behind its position. */
  const withSnapshot = async () => {
    const server = startMemoryServer();
    const teller = await begun(server);
    const ticked = server.lastSeq('EVENTS');
    const decider = start(server);
    await until(decidedThrough(server, 1));
    await decider.stop();
    return { server, teller, ticked };
  };

  it('is not suspected where an output is stored under a name that is not its own', async () => {
    const server = startMemoryServer();
    const teller = await begun(server);
    const first = start(server);
    await until(decidedThrough(server, 1));
    await first.kill();
    const { events } = server.connect();
    for (const { subject, body } of await written(server)) {
      await events.append({ subject, body, id: `renamed ${subject}` });
    }
    start(server);
    await teller(tick(2, workloads, 95));
    // Told, told under another name, and the next tick's.
    await until(decidedThrough(server, 3));
  });

  it('is not gone on from, when it holds outputs that the log has lost', async () => {
    const { server, ticked } = await withSnapshot();
    const kept = await recoverFrom(server);
    expect(kept.from).toEqual({ kind: 'snapshot' });
    const behind = {
      ...kept,
      position: { ...kept.position, seq: ticked, eventId: 'w1-1:ticks:0' },
    };
    expect((await recoverFrom(server, behind)).from).toEqual({ kind: 'memory' });
    server.loseTail('EVENTS', ticked);
    expect(await recoverFrom(server, behind)).toMatchObject({
      state: 'initial',
      from: { kind: 'lost' },
    });
    await (await tellerAgain(server, ticked))(tick(2, workloads, 60));
    const second = start(server);
    await until(decidedThrough(server, 2));
    await second.kill();
    expect(await recoverFrom(server, behind)).toMatchObject({
      state: 'initial',
      from: { kind: 'lost' },
    });
  });

  it('is replaced by the snapshot from before the loss, where a tenure left it', async () => {
    const { server, teller } = await withSnapshot();
    const kept = server.lastSeq('EVENTS');
    const snapshot = await recoverFrom(server);
    await teller(tick(2, workloads, 95));
    const position = { ...snapshot.position, seq: kept + 1, eventId: 'w2-1:ticks:0' };
    const left = { ...snapshot, state: 'left', position };
    expect(await recoverFrom(server, left)).toMatchObject({ state: 'left' });
    server.loseTail('EVENTS', kept);
    expect(await recoverFrom(server, left)).toMatchObject({
      ...{ state: snapshot.state, position: snapshot.position, fences: snapshot.fences },
      from: { kind: 'lost', expected: position },
    });
  });
});
