/** Instances that share leases on simulated time, watched so that nothing has two owners. */
import type { Bucket } from '../event-log.ts';
import type { Lease } from '../leases/held-leases.ts';
import { partitionKey, readLeaseValue } from '../leases/lease-keys.ts';
import { holdLeases, type LeaseHolder } from '../leases.ts';
import { type MemoryEventLog, type MemoryServer, startMemoryServer } from '../memory.ts';
import { createSimulatedClock, type SimulatedClock } from './simulated-clock.ts';
import { type SlowRoad, slowRoadTo } from './slow-road.ts';

export const stage = 'decider';
export const all: readonly number[] = [0, 1, 2, 3];
const stepMs = 50;
const outageMs = 300;

interface Replica {
  readonly log: MemoryEventLog;
  readonly road: SlowRoad;
  readonly holder: LeaseHolder;
  readonly leases: Set<Lease>;
  /** `<partition> <reason>` of each loss. */
  readonly lost: string[];
  readonly end: AbortController;
}

export interface LeaseStory {
  readonly clock: SimulatedClock;
  readonly server: MemoryServer;
  start(instance: string, wrap?: (bucket: Bucket) => Bucket): Replica;
  /** Lets time pass; throws as soon as a partition has two owners. */
  pass(durationMs: number): Promise<void>;
  /** Everybody loses the connection for a moment. */
  outage(whileAway: () => void): Promise<void>;
  /** Who is said to own each partition, by the keys. */
  stored(): Promise<readonly (string | undefined)[]>;
  stop(): void;
}

const startReplica = (
  { clock, server }: Pick<LeaseStory, 'clock' | 'server'>,
  instance: string,
  wrap: (bucket: Bucket) => Bucket,
  stop: AbortSignal,
): Replica => {
  const log = server.connect();
  const road = slowRoadTo(wrap(log.leases));
  const leases = new Set<Lease>();
  const lost: string[] = [];
  const end = new AbortController();
  const holder = holdLeases({
    bucket: road.bucket,
    stage,
    instance,
    partitionCount: all.length,
    signal: AbortSignal.any([stop, end.signal]),
    clock,
    random: () => 0,
    wallClockMs: () => 0,
    onStatus: (listener) => log.onStatus(listener),
    onGained: (_, lease) => leases.add(lease),
    onLost: (partition, reason) => void lost.push(`${partition} ${reason}`),
  });
  holder.ended.catch(() => undefined);
  return { log, road, holder, leases, lost, end };
};

const refuseTwoOwners = (everyone: readonly Replica[]): void => {
  const owned = everyone.flatMap(({ leases }) =>
    [...leases].filter((lease) => lease.isHeld()).map(({ partition }) => partition),
  );
  if (new Set(owned).size < owned.length) throw new Error(`Two owners: ${owned}`);
};

/** A server with nobody connected. */
export const openLeaseStory = (): LeaseStory => {
  const clock = createSimulatedClock();
  const server = startMemoryServer({ nowMs: () => clock.monotonicMs() });
  const stop = new AbortController();
  const everyone: Replica[] = [];
  const pass = async (durationMs: number): Promise<void> => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
      await clock.pass(stepMs);
      refuseTwoOwners(everyone);
    }
  };
  return {
    clock,
    server,
    start: (instance, wrap = (bucket) => bucket) => {
      const replica = startReplica({ clock, server }, instance, wrap, stop.signal);
      everyone.push(replica);
      return replica;
    },
    pass,
    outage: async (whileAway) => {
      const connected = everyone.filter(({ log }) => log.status() === 'connected');
      for (const { log } of connected) log.disconnect();
      await pass(outageMs);
      whileAway();
      for (const { log } of connected) log.reconnect();
    },
    stored: async () => {
      const { leases } = server.connect();
      const entries = await Promise.all(all.map((one) => leases.get(partitionKey(stage, one))));
      return entries.map((entry) => entry && readLeaseValue(entry.value)?.instance);
    },
    stop: () => stop.abort(),
  };
};
