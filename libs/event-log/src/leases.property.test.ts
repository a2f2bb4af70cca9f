/** Whatever is cut, killed, ended or held up: never two owners; in the end all is owned. */
import fc from 'fast-check';
import { test } from 'vitest';
import type { Lease } from './leases/held-leases.ts';
import { holdLeases, type LeaseHolder } from './leases.ts';
import { type MemoryEventLog, type MemoryServer, startMemoryServer } from './memory.ts';
import { createSimulatedClock, type SimulatedClock } from './testing/simulated-clock.ts';
import { type SlowRoad, slowRoadTo } from './testing/slow-road.ts';

const partitionCount = 6;
const replicaCount = 3;
const stepMs = 50;
const healedForMs = 8_000;
const seed = 20_260_101;

interface Replica {
  readonly log: MemoryEventLog;
  readonly road: SlowRoad;
  readonly holder: LeaseHolder;
  readonly leases: Set<Lease>;
  readonly end: AbortController;
}

const startReplica = (
  server: MemoryServer,
  clock: SimulatedClock,
  instance: string,
  random: () => number,
): Replica => {
  const log = server.connect();
  const end = new AbortController();
  const leases = new Set<Lease>();
  const road = slowRoadTo(log.leases);
  const holder = holdLeases({
    bucket: road.bucket,
    stage: 'decider',
    instance,
    partitionCount,
    signal: end.signal,
    clock,
    random,
    wallClockMs: () => 0,
    onStatus: (listener) => log.onStatus(listener),
    onGained: (_, lease) => leases.add(lease),
  });
  holder.ended.catch(() => undefined);
  return { log, road, holder, leases, end };
};

const refuseTwoOwners = (replicas: readonly Replica[]): void => {
  const owners = new Set<number>();
  for (const { leases } of replicas) {
    for (const lease of leases) {
      if (!lease.isHeld()) continue;
      if (owners.has(lease.partition)) throw new Error(`Two owners of ${lease.partition}`);
      owners.add(lease.partition);
    }
  }
};

const refuseUnfairEnd = (replicas: readonly Replica[]): void => {
  const held = replicas.map(({ holder }) => holder.partitions);
  const total = new Set(held.flat()).size;
  const most = Math.max(...held.map(({ length }) => length));
  if (total === partitionCount && most <= Math.ceil(partitionCount / replicas.length)) return;
  throw new Error(`Healed for ${healedForMs} ms, and owned so: ${JSON.stringify(held)}`);
};

const action = fc.record({
  what: fc.constantFrom(
    ...(['cut', 'restore', 'kill', 'end', 'nothing'] as const),
    ...(['requests', 'answers', 'news', 'let go'] as const),
  ),
  replica: fc.nat(replicaCount - 1),
  thenMs: fc.integer({ min: 0, max: 4_000 }),
});

type What = ReturnType<typeof action.generate>['value']['what'];

/** Acts on one replica; a killed or ended one is replaced by a new process. */
const act = (what: What, { log, road, end }: Replica, replace: () => void): void => {
  if (what === 'cut') log.disconnect();
  if (what === 'restore') log.reconnect();
  if (what === 'requests' || what === 'answers' || what === 'news') road.holdUp(what);
  if (what === 'let go') road.letGo();
  if (what === 'kill') void log.close();
  if (what === 'end') end.abort();
  if (what === 'kill' || what === 'end') replace();
};

test('leases hold under any order of faults', async () => {
  const property = fc.asyncProperty(
    fc.array(action, { maxLength: 16 }),
    fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
    async (actions, draws) => {
      const clock = createSimulatedClock();
      const server = startMemoryServer({ nowMs: () => clock.monotonicMs() });
      const random = () => draws.next().value ?? 0;
      let started = 0;
      const start = () => {
        started += 1;
        return startReplica(server, clock, `r${started}`, random);
      };
      const replicas = Array.from({ length: replicaCount }, start);
      const everyone = [...replicas];
      const pass = async (durationMs: number) => {
        for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
          await clock.pass(stepMs);
          refuseTwoOwners(everyone);
        }
      };
      for (const { what, replica, thenMs } of actions) {
        const chosen = replicas[replica];
        if (chosen === undefined) continue;
        act(what, chosen, () => {
          const next = start();
          replicas[replica] = next;
          everyone.push(next);
        });
        await pass(thenMs);
      }
      for (const { log, road } of everyone) {
        road.letGo();
        log.reconnect();
      }
      await pass(healedForMs);
      refuseUnfairEnd(replicas);
    },
  );
  await fc.assert(property, { seed, numRuns: 200 });
}, 60_000);
