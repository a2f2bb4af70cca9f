/** A windower's recovery that is cut off: by its lease, or by a log that lost its tail. */
import type { WorkloadKey } from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { snapshotWindower, windower } from '@flyball/domain';
import { type EventLog, storeSnapshot } from '@flyball/event-log';
import { loneRecovery } from '@flyball/service';
import { createTeller } from '@flyball/service/testing';
import { expect, it } from 'vitest';
import { recoverWindower } from './recover-windower.ts';
import { runWindower } from './run-windower.ts';
import { type Tenure, type WindowerContext, windowerSnapshotVersion } from './tenure.ts';
import { bareTenure, partition } from './testing/bare-tenure.ts';

const atMs = 1_767_225_600_000;

const setPolicy = async (log: EventLog, workload: WorkloadKey): Promise<void> => {
  const about = { type: 'PolicySet', pen: 'policy', partition, workload } as const;
  const data = { policy: storyPolicy, layers: {}, warnings: [] };
  await createTeller(log)({ ...about, data, id: workload, atMs, source: '/flyball/watcher' });
};

/** Two workloads are known to the log; `cut` runs each time that EVENTS were read to their end. */
const begun = async () => {
  const { tenure, server, link } = bareTenure();
  for (const workload of ['default/a', 'default/b'] as const) await setPolicy(link, workload);
  const lefts: Tenure[] = [];
  const reads: string[] = [];
  const reading = { cut: async (): Promise<number | undefined> => undefined };
  const readToEnd = link.events.readToEnd.bind(link.events);
  link.events.readToEnd = async function* (options) {
    reads.push(`${options.filter} ${options.afterSeq}`);
    yield* readToEnd(options);
    const afterSeq = await reading.cut();
    if (afterSeq !== undefined) yield* readToEnd({ ...options, afterSeq });
  };
  const { log, store, life, clock, logTime, ownership, signal, metrics, broken } = tenure;
  const context: WindowerContext = {
    ...{ log, store, partition, life, clock, logTime, ownership, signal, metrics, broken },
    recovery: { ...loneRecovery, leave: (left) => void lefts.push(left) },
    ...{ mirrorCheckEveryMs: tenure.mirrorCheckEveryMs, onStoreStatus: () => undefined },
  };
  return { server, link, lefts, reads, reading, context };
};

it('leaves what it had folded, and the next goes on from there', async () => {
  const { lefts, reads, reading, context } = await begun();
  const lease = new AbortController();
  reading.cut = async () => void lease.abort();
  await runWindower({ ...context, signal: lease.signal });
  expect(lefts.map(({ state, isInformed }) => [state.eventsThroughSeq, isInformed])).toEqual([
    [2, false],
  ]);
  reading.cut = async () => undefined;
  const recovery = { ...loneRecovery, take: () => lefts[0] };
  const next = await recoverWindower({ ...context, recovery });
  expect(next?.isInformed).toBe(true);
  expect([...(next?.state.workloads.keys() ?? [])]).toEqual(['default/a', 'default/b']);
  expect(reads).toEqual(['flyball.events.0.> 0', 'flyball.events.0.> 2']);
});

it('leaves nothing when not all ticks before its snapshot were told again', async () => {
  const { link, lefts, reads, reading, context } = await begun();
  const { createdAt: streamCreatedAt } = await link.events.state();
  const state = { state: snapshotWindower(windower.initialState(partition)), fences: {} };
  const snapshot = { streamCreatedAt, seq: 1, eventId: 'default/a', state };
  const key = { stage: 'windower', partition };
  await storeSnapshot(link.snapshots, key, { ...snapshot, algorithm: windowerSnapshotVersion });
  const lease = new AbortController();
  reading.cut = async () => void lease.abort();
  await runWindower({ ...context, signal: lease.signal });
  expect(reads[0]).toContain('ticks');
  expect(lefts).toEqual([]);
});

it('says that it is live only when it was not cut off', async () => {
  const { reading, context } = await begun();
  const lease = new AbortController();
  reading.cut = async () => void lease.abort();
  await recoverWindower({ ...context, signal: lease.signal });
  expect((await context.metrics.recoverySeconds.get()).values.at(-1)?.value).toBe(0);
  reading.cut = async () => undefined;
  await recoverWindower(context);
  expect((await context.metrics.recoverySeconds.get()).values.at(-1)?.value).toBe(1);
});

it('is begun again when the log loses and replaces some in the middle of it', async () => {
  const { server, link, reading, context } = await begun();
  reading.cut = async () => {
    reading.cut = async () => undefined;
    link.disconnect();
    server.loseTail('EVENTS', 0);
    const other = server.connect();
    for (const workload of ['team/c', 'team/d', 'team/e'] as const) {
      await setPolicy(other, workload);
    }
    link.reconnect();
    return 2;
  };
  const cut = await recoverWindower(context);
  expect(cut?.over.aborted).toBe(true);
  expect(cut?.fencedBy).toContain('connection');
  const whole = await recoverWindower(context);
  expect(whole?.over.aborted).toBe(false);
  expect([...(whole?.state.workloads.keys() ?? [])]).toEqual(['team/c', 'team/d', 'team/e']);
});
