/** What NATS refuses is told at once, with a code and what to do. */
import { buckets, pens } from '@flyball/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { messageOf, storedSeq, subjectOf, takeMessages } from '../contract/bed.ts';
import { connectEventLog } from '../jetstream.ts';
import { followMembers } from '../leases/follow-members.ts';
import { memberKey } from '../leases/lease-keys.ts';
import { holdLeases } from '../leases.ts';
import { loadSnapshot, storeSnapshot } from '../snapshots.ts';
import { openNatsBed, penUsersConfig, testPassword } from '../testing/nats-bed.ts';
import { availableNatsServers, freePort, startNatsServer } from '../testing/nats-server.ts';
import { createStreams } from './create-streams.ts';

const never = new AbortController().signal;
const admin = { user: 'admin', password: testPassword };
/** Far below what the retries of an unknown answer would take. */
const atOnceMs = 3_000;

const elapsedMs = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
};

test('no server: NATS_UNREACHABLE with the URL, after the named limit', async () => {
  const url = `nats://127.0.0.1:${await freePort()}`;
  const connecting = connectEventLog({
    servers: url,
    name: 'test',
    limits: { firstConnectMs: 300 },
  });
  await expect(connecting).rejects.toMatchObject({
    code: 'NATS_UNREACHABLE',
    retriable: true,
    message: expect.stringContaining(`${url} within 300 ms`),
  });
});

for (const binary of await availableNatsServers()) {
  describe(`refusals of nats-server ${binary.version}`, () => {
    test('a wrong password is refused at once', async () => {
      await using server = await startNatsServer({ binary, configText: penUsersConfig() });
      const connect = () =>
        connectEventLog({ servers: server.url, name: 't', user: 'decider', password: 'wrong' });
      const tookMs = await elapsedMs(() =>
        expect(connect()).rejects.toMatchObject({ code: 'NATS_REFUSED', retriable: false }),
      );
      expect(tookMs).toBeLessThan(atOnceMs);
    });

    test('a user that is no longer let in hears so', async () => {
      await using bed = await openNatsBed({ binary, admin, configText: penUsersConfig() });
      const log = await bed.connectAs('decider');
      const reading = takeMessages(
        log.events.read({ filter: 'flyball.events.0.>', afterSeq: 0, signal: never }),
      );
      const refused = expect(reading).rejects.toMatchObject({ code: 'NATS_REFUSED' });
      await bed.server.restart(penUsersConfig().replaceAll(testPassword, 'changed'));
      await refused;
      expect(log.status()).toBe('closed');
      await expect(log.events.state()).rejects.toMatchObject({ code: 'NATS_REFUSED' });
    });

    test('a stage appends with its own pen only, reads, owns and keeps snapshots', async () => {
      await using bed = await openNatsBed({ binary, admin, configText: penUsersConfig() });
      const decider = await bed.connectAs('decider');
      const decisions = pens.decisions.subject.replaceAll('*', 'x').replace('.x.', '.0.');
      const first = await storedSeq(decider, messageOf(decisions, 'a', 0));
      expect((await decider.events.append(messageOf(decisions, 'b', 0))).kind).toBe('fenced');
      expect(await decider.events.append(messageOf(decisions, 'a', 0))).toEqual({
        kind: 'stored',
        seq: first,
        again: true,
      });
      const wrongPen = messageOf(subjectOf('web', 'policy'), 'c', 0);
      const tookMs = await elapsedMs(() =>
        expect(decider.events.append(wrongPen)).rejects.toMatchObject({
          code: 'NATS_REFUSED',
          retriable: false,
        }),
      );
      expect(tookMs).toBeLessThan(atOnceMs);
      await storedSeq(decider, messageOf(decisions, 'd', first));
      await expect(decider.events.purge(decisions, 2)).rejects.toMatchObject({
        code: 'NATS_REFUSED',
      });
      const all = { filter: 'flyball.events.0.>', afterSeq: 0, signal: never };
      expect(await takeMessages(decider.events.readToEnd(all))).toHaveLength(2);
      expect((await decider.events.subjects('flyball.events.0.>')).size).toBe(1);
      const key = { stage: 'decider', partition: 0 };
      const snapshot = { streamCreatedAt: 'x', seq: 1, eventId: 'a', algorithm: 1, state: {} };
      await storeSnapshot(decider.snapshots, key, snapshot);
      expect(await loadSnapshot(decider.snapshots, key)).toEqual({ kind: 'found', snapshot });
      await expect(
        storeSnapshot(decider.snapshots, { ...key, stage: 'actuator' }, snapshot),
      ).rejects.toMatchObject({ code: 'NATS_REFUSED' });
      const keeper = await bed.connectAs('keeper');
      expect(await keeper.events.purge(decisions, 2)).toBe(1);
    });

    test('leases work with the permissions of a stage, and fail at once without', async () => {
      await using bed = await openNatsBed({ binary, admin, configText: penUsersConfig() });
      const log = await bed.connectAs('decider');
      const stop = new AbortController();
      const options = {
        bucket: log.leases,
        instance: 'a',
        partitionCount: 2,
        signal: stop.signal,
        onGained: () => {},
      };
      const own = holdLeases({ ...options, stage: 'decider' });
      await expect.poll(() => own.partitions, { timeout: 10_000 }).toEqual([0, 1]);
      const foreign = holdLeases({ ...options, stage: 'actuator' });
      await expect(foreign.ended).rejects.toMatchObject({ code: 'NATS_REFUSED' });
      stop.abort();
      await own.ended;
    });

    test('the watcher learns what the deciders can do, and cannot speak for them', async () => {
      await using bed = await openNatsBed({ binary, admin, configText: penUsersConfig() });
      const { leases } = await bed.connectAs('decider');
      const { leases: watched } = await bed.connectAs('watcher');
      const stop = new AbortController();
      const options = { stage: 'decider', signal: stop.signal };
      const told: string[] = [];
      const following = followMembers({
        ...options,
        bucket: watched,
        onChanged: (members) => told.push(JSON.stringify(members)),
      });
      await expect.poll(() => told, { timeout: 10_000 }).toEqual(['[]']);
      const abilities = { algorithms: [1, 2] };
      const own = holdLeases({
        ...options,
        bucket: leases,
        instance: 'a',
        partitionCount: 1,
        abilities,
        onGained: () => {},
      });
      const announced = JSON.stringify([{ instance: 'a', abilities }]);
      await expect.poll(() => told, { timeout: 10_000 }).toContain(announced);
      await expect(
        watched.put(memberKey('decider', 'b'), new Uint8Array([1])),
      ).rejects.toMatchObject({ code: 'NATS_REFUSED', retriable: false });
      stop.abort();
      await Promise.all([own.ended, following]);
    });

    test('samples can be published by those who may not read them', async () => {
      await using bed = await openNatsBed({ binary, admin, configText: penUsersConfig() });
      const collector = await bed.connectAs('collector');
      const message = messageOf('flyball.samples.0', 'scrape-0:1');
      const first = await collector.samples.append(message);
      expect(first.kind).toBe('stored');
      expect(await collector.samples.append(message)).toEqual({ ...first, again: true });
    });

    test('a server that is full says so', async () => {
      await using server = await startNatsServer({ binary, maxStoreBytes: 1_000_000 });
      await createStreams({ servers: server.url, name: 'set-up' });
      const log = await connectEventLog({ servers: server.url, name: 'test' });
      const body = 'x'.repeat(100_000);
      const fill = async () => {
        for (let index = 0; index < 100; index += 1) {
          await log.events.append(messageOf(subjectOf(`w${index}`), `m${index}`, 0, body));
        }
      };
      await expect(fill()).rejects.toMatchObject({ code: 'NATS_FULL', retriable: true });
      await log.close();
    });

    test('streams are made once; others than wanted are refused by field', async () => {
      await using server = await startNatsServer({ binary });
      const connection = { servers: server.url, name: 'set-up' };
      const log = await connectEventLog({
        ...connection,
        limits: { missingStreamMs: 200 },
      });
      await expect(log.events.state()).rejects.toMatchObject({ code: 'NATS_STREAM_MISSING' });
      await expect(log.events.append(messageOf(subjectOf('web'), 'a', 0))).rejects.toMatchObject({
        code: 'NATS_STREAM_MISSING',
      });
      await Promise.all([createStreams(connection), createStreams(connection)]);
      await createStreams(connection);
      await storedSeq(log, messageOf(subjectOf('web'), 'a', 0));
      await expect(createStreams(connection, { partitionCount: 16 })).rejects.toMatchObject({
        code: 'NATS_STREAM_DIFFERS',
        message: expect.stringMatching(/EVENTS has description .*partitions=8.*partitions=16/),
      });
      await expect(createStreams(connection, { sampleMaxAgeMs: 90_000 })).rejects.toMatchObject({
        code: 'NATS_STREAM_DIFFERS',
        message: expect.stringContaining('SAMPLES has max_age 180000000000'),
      });
      await expect(createStreams(connection, { partitionCount: 0 })).rejects.toThrow(RangeError);
      await log.close();
    });

    test('given buckets that take roll-ups, when streams are made, then they end', async () => {
      await using server = await startNatsServer({ binary });
      const setUp = { servers: server.url, name: 'set-up' };
      await createStreams(setUp);
      const connection = await connect({ servers: server.url });
      const manager = await jetstreamManager(connection);
      const names = Object.values(buckets).map((name) => `KV_${name}`);
      for (const name of names) {
        const { config } = await manager.streams.info(name);
        await manager.streams.update(name, { ...config, allow_rollup_hdrs: true });
      }
      await createStreams(setUp);
      for (const name of names) {
        const { config } = await manager.streams.info(name);
        expect([name, config.allow_rollup_hdrs]).toEqual([name, false]);
      }
      await connection.close();
    });
  });
}
