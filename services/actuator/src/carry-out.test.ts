/** One command against a platform and a log that others move meanwhile. */
import type { WorkloadKey } from '@flyball/contracts';
import { partitionFilter } from '@flyball/contracts';
import { type ActuatorInput, type ActuatorState, type ApplyScale, actuator } from '@flyball/domain';
import { type MemoryEventLog, startMemoryServer } from '@flyball/event-log';
import { createMemoryPlatform, type MemoryPlatform } from '@flyball/platform';
import { systemClock } from '@flyball/service';
import pLimit from 'p-limit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CarryOutOptions, carryOut } from './carry-out.ts';
import type { ResourceVersions, SeenReplicas } from './resource-versions.ts';
import { createWriteVersions } from './write-versions.ts';

const workload: WorkloadKey = 'default/web';
const partition = 0;

const command = (to: number, decisionId = `d${to}`): ApplyScale => ({
  type: 'ApplyScale',
  workload,
  uid: 'u',
  to,
  atLeast: false,
  decisionId,
  causeId: decisionId,
  because: 'decided',
  attempt: 1,
  traceparent: null,
});

describe('a command of the actuator', () => {
  let platform: MemoryPlatform;
  let log: MemoryEventLog;
  let state: ActuatorState;
  let heldByMe: boolean;
  let throughSeq: number;
  let answers: ActuatorInput[];
  const seen = new Map<WorkloadKey, SeenReplicas>();
  const versions: ResourceVersions = {
    get: (key) => seen.get(key)?.resourceVersion,
    seen: (key) => seen.get(key),
    subscribe: () => undefined,
    set: (key, now) => void seen.set(key, now),
  };
  const see = (resourceVersion: string) => versions.set(workload, { replicas: 0, resourceVersion });
  const stop = new AbortController();

  const replicas = () => platform.workloads()[0]?.replicas;
  const versionNow = async () => (await platform.get(workload))?.resourceVersion ?? '';
  /** The state's latest decision, as if the log had been folded. */
  const decide = (to: number): void => {
    state = {
      ...actuator.initialState(partition),
      workloads: {
        [workload]: {
          ...{ uid: 'u', policy: null, observed: 1, everDecided: true, tries: null },
          ...{ observedVersion: '1', driftId: null, unexplained: null },
          ...{ scaling: null, routingApplied: null, routingTarget: null, routingTries: null },
          ...{ routingChanging: false, wake: null, wakeHeardAtMs: null },
          target: {
            ...{ to, decisionId: `d${to}`, causeId: `d${to}` },
            ...{ atLeast: false, because: 'decided', traceparent: null },
          },
        },
      },
    };
  };
  const live = {
    state: () => state,
    feed: (input: ActuatorInput) => answers.push(input),
    signal: stop.signal,
    throughSeq: () => throughSeq,
  };
  let options: CarryOutOptions;

  beforeEach(async () => {
    platform = createMemoryPlatform({ nowMs: () => 0 });
    platform.apply({
      ...{ workload, annotations: {}, containerConcurrency: 0, timeoutSeconds: 300 },
      ...{ reachable: true, replicas: 1 },
    });
    log = startMemoryServer().connect();
    heldByMe = true;
    throughSeq = 0;
    answers = [];
    seen.clear();
    see(await versionNow());
    options = {
      ...{ log, platform, shown: versions, partition, clock: systemClock, limit: pLimit(1) },
      ownership: { isHeld: () => heldByMe, partitionCount: 1 },
      writeVersions: createWriteVersions(versions),
      onAnswer: () => undefined,
    };
  });
  afterEach(() => log.close());

  it('writes what was decided', async () => {
    decide(5);
    await carryOut(options, command(5), live);
    expect(replicas()).toBe(5);
    expect(answers).toMatchObject([{ type: 'ScaleAnswered', result: { ok: true, from: 1 } }]);
  });

  it('frozen before the write and woken after a takeover moves nothing', async () => {
    decide(5);
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
    const frozen = options.limit(() => woken);
    const carrying = carryOut(options, command(5), live);
    // The next owner decided otherwise, and wrote; this process's watch has seen it.
    await platform.scale({ workload, replicas: 2, resourceVersion: await versionNow() });
    see(await versionNow());
    wake();
    await Promise.all([frozen, carrying]);
    expect(replicas()).toBe(2);
    expect(answers).toMatchObject([{ result: { ok: false, code: 'PLATFORM_CONFLICT' } }]);
  });

  it.each(['woken', 'drifted'] as const)(
    'for a wake (%s) takes no pods away, and tells of those that are there',
    async (because) => {
      decide(1);
      const { resourceVersion } = await platform.scale({
        ...{ workload, replicas: 4, resourceVersion: await versionNow() },
      });
      const seenNow = { replicas: 4, resourceVersion };
      versions.set(workload, seenNow);
      await carryOut(options, { ...command(1), atLeast: true, because }, live);
      expect(replicas()).toBe(4);
      expect(answers).toMatchObject([
        { type: 'ReplicasSeen', ...seenNow },
        {
          type: 'ScaleAnswered',
          result: { ok: false, code: 'PLATFORM_CONFLICT', retriable: true },
        },
      ]);
    },
  );

  it('without its lease moves nothing, even where nobody else wrote', async () => {
    decide(5);
    heldByMe = false;
    await carryOut(options, command(5), live);
    expect(replicas()).toBe(1);
    expect(answers).toEqual([]);
  });

  it('after a conflict waits for the end of the log before anything is tried again', async () => {
    decide(5);
    see('older');
    const told = await log.events.append({
      ...{ subject: partitionFilter(partition).replace('>', 'ticks'), id: 'a', body: '{}' },
      expectedLastSeq: 0,
    });
    const carrying = carryOut(options, command(5), live);
    const settled = carrying.then(() => 'answered');
    const pause = new Promise((resolve) => setTimeout(() => resolve('waiting'), 50));
    expect(await Promise.race([settled, pause])).toBe('waiting');
    const seenBefore = await versionNow();
    // Written after the version was taken: what is tried next must not get past it.
    platform.writeReplicas(workload, 3, 'kubectl');
    see(await versionNow());
    throughSeq = told.kind === 'stored' ? told.seq : 0;
    await carrying;
    expect(options.writeVersions.of(workload)).toBe(seenBefore);
    await carryOut(options, { ...command(5), attempt: 2 }, live);
    expect(replicas()).toBe(3);
    await carryOut(options, { ...command(5), attempt: 3 }, live);
    expect(replicas()).toBe(5);
  });

  it('overtaken while it waited for its turn writes nothing', async () => {
    decide(5);
    const { promise: turn, resolve: begin } = Promise.withResolvers<void>();
    const busy = options.limit(() => turn);
    const carrying = carryOut(options, command(5), live);
    decide(0);
    begin();
    await Promise.all([busy, carrying]);
    expect(replicas()).toBe(1);
    expect(answers).toMatchObject([{ result: { ok: false, retriable: true } }]);
  });

  it.each(['decided', 'woken'] as const)(
    '(%s) for a workload whose name another one has by its turn writes nothing',
    async (because) => {
      decide(5);
      seen.clear();
      await carryOut(options, { ...command(5), because, uid: 'dead' }, live);
      expect(replicas()).toBe(1);
      expect(answers).toMatchObject([{ result: { ok: false, retriable: true } }]);
    },
  );

  it('for a workload that nobody has seen yet refolds before it writes', async () => {
    decide(5);
    seen.clear();
    await carryOut(options, command(5), live);
    expect(replicas()).toBe(5);
  });
});
