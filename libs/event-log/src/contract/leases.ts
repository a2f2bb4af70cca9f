/** Contract: replicas share partitions, one owner at a time, and take over from the dead. */
import { expect, test } from 'vitest';
import type { Bucket, EventLog } from '../event-log.ts';
import type { Lease, LossReason } from '../leases/held-leases.ts';
import { holdLeases, type LeaseHolder } from '../leases.ts';
import type { Contract, ContractBed } from './bed.ts';

const partitionCount = 8;
const stepMs = 100;
/** Dead or cut off → owned by another: 2.5 s and the time for one write, generously. */
const takeoverLimitMs = 6_000;

interface Replica {
  readonly holder: LeaseHolder;
  readonly log: EventLog;
  readonly leases: Map<number, Lease>;
  readonly lost: [number, LossReason][];
  readonly stop: () => Promise<void>;
}

interface ReplicaOptions {
  readonly wrap?: (bucket: Bucket) => Bucket;
  readonly hasEnded?: (instance: string) => boolean;
}

const startReplica = async (
  bed: ContractBed,
  instance: string,
  { wrap = (bucket) => bucket, hasEnded = () => false }: ReplicaOptions = {},
): Promise<Replica> => {
  const log = await bed.connect();
  const stopping = new AbortController();
  const leases = new Map<number, Lease>();
  const lost: [number, LossReason][] = [];
  const holder = holdLeases({
    bucket: wrap(log.leases),
    stage: 'decider',
    instance,
    partitionCount,
    hasEnded,
    signal: stopping.signal,
    clock: bed.clock,
    random: () => 0.5,
    wallClockMs: () => 0,
    onStatus: (listener) => log.onStatus(listener),
    onGained: (partition, lease) => leases.set(partition, lease),
    onLost: (partition, reason) => {
      leases.delete(partition);
      lost.push([partition, reason]);
    },
  });
  holder.ended.catch(() => undefined);
  const stop = async () => {
    stopping.abort();
    await holder.ended;
  };
  return { holder, log, leases, lost, stop };
};

/** Lets time pass in steps until the condition holds; fails with what there is at the limit. */
const until = async (
  bed: ContractBed,
  describe: () => unknown,
  condition: () => boolean,
  limitMs = takeoverLimitMs,
): Promise<void> => {
  for (let passedMs = 0; !condition(); passedMs += stepMs) {
    if (passedMs > limitMs) throw new Error(`Not within ${limitMs} ms: ${describe()}`);
    await bed.pass(stepMs);
  }
};

const held = (replica: Replica): readonly number[] => replica.holder.partitions;
const all = Array.from({ length: partitionCount }, (_, partition) => partition);
const shares = (replicas: readonly Replica[]) => replicas.map((one) => held(one).length);
const ownedOnce = (replicas: readonly Replica[]): boolean =>
  JSON.stringify(replicas.flatMap(held).sort((a, b) => a - b)) === JSON.stringify(all);

const untilShared = (bed: ContractBed, replicas: readonly Replica[]): Promise<void> =>
  until(
    bed,
    () => JSON.stringify(replicas.map(held)),
    () =>
      ownedOnce(replicas) &&
      Math.max(...shares(replicas)) <= Math.ceil(partitionCount / replicas.length),
  );

const sharing = ({ open }: Contract): void => {
  test('one replica takes all partitions, and keeps them', async () => {
    await using bed = await open();
    const alone = await startReplica(bed, 'a');
    await untilShared(bed, [alone]);
    await bed.pass(3_000);
    expect(held(alone)).toEqual(all);
    expect(alone.lost).toEqual([]);
    expect([...alone.leases.values()].every((lease) => lease.isHeld())).toBe(true);
    await alone.stop();
  });

  test('replicas that come later get their fair share, each partition one owner', async () => {
    await using bed = await open();
    const first = await startReplica(bed, 'a');
    await untilShared(bed, [first]);
    const second = await startReplica(bed, 'b');
    await untilShared(bed, [first, second]);
    expect(shares([first, second])).toEqual([4, 4]);
    expect(first.lost.every(([, reason]) => reason === 'given back')).toBe(true);
    const third = await startReplica(bed, 'c');
    await untilShared(bed, [first, second, third]);
    await Promise.all([first.stop(), second.stop(), third.stop()]);
  });

  test('a replica that ends gives back at once, and the others take over', async () => {
    await using bed = await open();
    const [leaving, staying] = [await startReplica(bed, 'a'), await startReplica(bed, 'b')];
    await untilShared(bed, [leaving, staying]);
    const leases = [...leaving.leases.values()];
    await leaving.stop();
    expect(leases.every(({ signal }) => signal.aborted)).toBe(true);
    expect(held(leaving)).toEqual([]);
    await untilShared(bed, [staying]);
    expect(staying.holder.memberCount).toBe(1);
    await staying.stop();
  });
};

/** A bucket whose writes hang while it is frozen, as those of a stopped process do. */
const freezable = () => {
  let frozen = false;
  let thaw = () => {};
  let thawed = Promise.resolve();
  const wrap = (bucket: Bucket): Bucket =>
    new Proxy(bucket, {
      get: (target, property: keyof Bucket) => {
        const value = target[property];
        if (typeof value !== 'function') return value;
        if (property !== 'set' && property !== 'put') return value.bind(target);
        return async (...parameters: [string, Uint8Array, number]) => {
          while (frozen) await thawed;
          return target[property](...parameters);
        };
      },
    });
  return {
    wrap,
    freeze: () => {
      frozen = true;
      thawed = new Promise((resolve) => {
        thaw = resolve;
      });
    },
    thaw: () => {
      frozen = false;
      thaw();
    },
  };
};

const takeover = ({ open }: Contract): void => {
  test('partitions of a replica that died are owned by the other in time', async () => {
    await using bed = await open();
    const [dying, living] = [await startReplica(bed, 'a'), await startReplica(bed, 'b')];
    await untilShared(bed, [dying, living]);
    await dying.log.close();
    await expect(dying.holder.ended).rejects.toMatchObject({ code: 'NATS_UNREACHABLE' });
    await untilShared(bed, [living]);
    await living.stop();
  });

  test('an owner that cannot renew stops itself before another takes over', async () => {
    await using bed = await open();
    const ice = freezable();
    const stuck = await startReplica(bed, 'a', ice);
    await untilShared(bed, [stuck]);
    const leases = [...stuck.leases.values()];
    const other = await startReplica(bed, 'b');
    await untilShared(bed, [stuck, other]);
    ice.freeze();
    const bothOwn = () => held(other).length > 4 && leases.some((lease) => lease.isHeld());
    await until(
      bed,
      () => JSON.stringify([held(stuck), held(other)]),
      () => {
        expect(bothOwn()).toBe(false);
        return held(other).length === partitionCount;
      },
    );
    expect(held(stuck)).toEqual([]);
    expect(stuck.lost.filter(([, reason]) => reason === 'expired')).toHaveLength(4);
    ice.thaw();
    await untilShared(bed, [stuck, other]);
    expect([...stuck.leases.values()].some((lease) => lease.isContinued)).toBe(false);
    await Promise.all([stuck.stop(), other.stop()]);
  });

  test('an owner that cannot renew and has no rival continues what it had', async () => {
    await using bed = await open();
    const ice = freezable();
    const stuck = await startReplica(bed, 'a', ice);
    await untilShared(bed, [stuck]);
    expect([...stuck.leases.values()].some((lease) => lease.isContinued)).toBe(false);
    ice.freeze();
    await until(
      bed,
      () => held(stuck),
      () => held(stuck).length === 0,
    );
    ice.thaw();
    await untilShared(bed, [stuck]);
    expect([...stuck.leases.values()].every((lease) => lease.isContinued)).toBe(true);
    await stuck.stop();
  });
};

/** Time in which nobody is taken for dead by its silence. */
const atOnceMs = 1_500;

const replacement = ({ open }: Contract): void => {
  test('one that takes the place of a dead one does not wait for its silence', async () => {
    await using bed = await open();
    const dead = await startReplica(bed, 'a-1');
    await untilShared(bed, [dead]);
    await dead.log.close();
    await expect(dead.holder.ended).rejects.toMatchObject({ code: 'NATS_UNREACHABLE' });
    const next = await startReplica(bed, 'a-2', { hasEnded: (instance) => instance === 'a-1' });
    const describe = () => held(next);
    await until(bed, describe, () => held(next).length === partitionCount, atOnceMs);
    expect(next.holder.memberCount).toBe(1);
    await next.stop();
  });

  test('one that is said to have ended and lives all the same gets its share', async () => {
    await using bed = await open();
    const living = await startReplica(bed, 'a-1');
    await untilShared(bed, [living]);
    const next = await startReplica(bed, 'a-2', { hasEnded: (instance) => instance === 'a-1' });
    await untilShared(bed, [living, next]);
    expect(shares([living, next])).toEqual([4, 4]);
    await Promise.all([living.stop(), next.stop()]);
  });
};

export const leaseContract = (contract: Contract): void => {
  sharing(contract);
  takeover(contract);
  replacement(contract);
};
