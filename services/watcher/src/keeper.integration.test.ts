/** The keeper on real servers: what may be purged goes, what is owed and every fence stays. */
import { natsPermissions, natsUsers, partitionSubject } from '@flyball/contracts';
import { connectEventLog, createStreams, type EventLog, storeSnapshot } from '@flyball/event-log';
import {
  availableNatsServers,
  type RunningNatsServer,
  startNatsServer,
} from '@flyball/event-log/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keep, keepableNow } from './keeper.ts';

const password = 'only-for-tests';
const partition = 1;
const ticks = partitionSubject(partition, 'ticks');
const progress = partitionSubject(partition, 'progress');
const users = natsUsers.map((user) => ({ user, password, permissions: natsPermissions(user) }));
const binaries = await availableNatsServers();

if (binaries.length === 0) it.skip('nats-server is not installed: the keeper was not tested');

describe.each(binaries)('the keeper on nats-server $version', (binary) => {
  let server: RunningNatsServer;
  let admin: EventLog;
  let keeper: EventLog;
  let createdAt: string;
  const last = new Map<string, number>();

  const connect = (user: string) =>
    connectEventLog({ servers: server.url, name: user, user, password });
  const append = async (subject: string, id: string): Promise<number> => {
    const expectedLastSeq = last.get(subject) ?? 0;
    const told = await admin.events.append({ subject, id, body: '{}', expectedLastSeq });
    if (told.kind !== 'stored') throw new Error(told.kind);
    last.set(subject, told.seq);
    return told.seq;
  };
  const left = async (subject: string): Promise<number[]> => {
    const seqs: number[] = [];
    const reading = { filter: subject, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
    for await (const batch of admin.events.readToEnd(reading)) {
      seqs.push(...batch.map(({ seq }) => seq));
    }
    return seqs;
  };
  const snapshot = (stage: string, seq: number, state: object, streamCreatedAt = createdAt) =>
    storeSnapshot(
      admin.snapshots,
      { stage, partition },
      { streamCreatedAt, seq, eventId: eventIdAt(seq), algorithm: 1, state },
    );
  // Odd sequences are ticks, even ones progress; then another partition's.
  const eventIdAt = (seq: number): string => `${seq % 2 === 1 ? 't' : 'p'}${seq}`;
  const windowerOwes = (ticksFromSeq: number) => ({ state: { ticksFromSeq }, fences: {} });

  beforeAll(async () => {
    const configText = `authorization { users: ${JSON.stringify(users)} }`;
    server = await startNatsServer({ binary, configText });
    const setUp = { servers: server.url, name: 'set-up', user: 'admin', password };
    await createStreams(setUp, { partitionCount: 2 });
    admin = await connect('admin');
    keeper = await connect('keeper');
    createdAt = (await admin.events.state()).createdAt;
    for (let n = 1; n <= 10; n += 1) {
      await append(ticks, eventIdAt(2 * n - 1));
      await append(progress, eventIdAt(2 * n));
    }
    await append(partitionSubject(0, 'ticks'), 'other');
  });
  afterAll(async () => {
    await Promise.all([admin, keeper].map((log) => log?.close()));
    await server?.stop();
  });

  it('purges nothing while a snapshot is missing, or is of another stream', async () => {
    await snapshot('decider', 9, {});
    expect(await keepableNow(keeper, partition)).toEqual({ ticksBelowSeq: 0, progressBelowSeq: 0 });
    await snapshot('windower', 20, windowerOwes(21), '2001-01-01T00:00:00Z');
    const keepable = await keepableNow(keeper, partition);
    expect(await keep(keeper, partition, keepable)).toBe(0);
    expect((await left(ticks)).length).toBe(10);
  });

  it('keeps what the decider has not passed, whatever is recorded in minutes', async () => {
    await snapshot('windower', 20, windowerOwes(21));
    await keep(keeper, partition, await keepableNow(keeper, partition));
    expect(await left(ticks)).toEqual([9, 11, 13, 15, 17, 19]);
    expect(await left(progress)).toEqual([10, 12, 14, 16, 18, 20]);
  });

  it('keeps what is not recorded in minutes, whatever the decider has passed', async () => {
    await snapshot('decider', 20, {});
    await snapshot('windower', 20, windowerOwes(15));
    await keep(keeper, partition, await keepableNow(keeper, partition));
    expect(await left(ticks)).toEqual([15, 17, 19]);
    expect(await left(progress)).toEqual([20]);
  });

  it('leaves the last of each subject, so that its fence survives, also a restart', async () => {
    await snapshot('windower', 20, windowerOwes(21));
    await keep(keeper, partition, { ticksBelowSeq: 21, progressBelowSeq: 21 });
    expect([await left(ticks), await left(progress)]).toEqual([[19], [20]]);
    await server.restart();
    const rival = { subject: ticks, id: 'rival', body: '{}' };
    expect(await admin.events.append({ ...rival, expectedLastSeq: 0 })).toMatchObject({
      kind: 'fenced',
    });
    expect(await append(ticks, 't22')).toBe(22);
    expect(await left(partitionSubject(0, 'ticks'))).toEqual([21]);
  });

  it('is alone in what it may do', async () => {
    const watcher = await connect('watcher');
    await expect(watcher.events.purge(ticks, 20)).rejects.toMatchObject({ retriable: false });
    await expect(watcher.leases.delete('activator.a-1')).rejects.toMatchObject({
      retriable: false,
    });
    await admin.leases.put('activator.a-1', new Uint8Array([1]));
    expect(await keeper.leases.delete('activator.a-1')).toBe(true);
    await watcher.close();
  });
});
