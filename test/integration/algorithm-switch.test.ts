/** A switch of the algorithm: held back by an older decider, done by itself when that is gone. */
import {
  chainOf,
  currentAlgorithm,
  encodeEvent,
  eventFrom,
  type FlyballEvent,
  minutesSubject,
  partitionOf,
  type RecordedEvent,
  subjectOf,
  type WorkloadKey,
  workloadSubject,
} from '@flyball/contracts';
import {
  knownAlgorithms,
  type RecordedMinute,
  type RecordedTick,
  replayInputs,
  verifyDecisions,
} from '@flyball/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Recorded, until, World, workload } from './shells-bed.ts';
import { buses, partitionCount } from './shells-buses.ts';

const older = knownAlgorithms.filter((version) => version < currentAlgorithm);
const before = Math.max(...older);
const asking: WorkloadKey = 'default/asking';
const algorithmKey = 'flyball.dev/algorithm';

describe.each(buses)('a switch of the algorithm on %s', (_name, openBus) => {
  let world: World;

  beforeEach(async () => {
    world = await World.open(openBus);
  });
  afterEach(() => world.end());

  const of = async <Name extends RecordedEvent['type']>(
    type: Name,
    about: WorkloadKey = workload,
  ) => (await world.of(type)).filter((event) => event.workload === about) as Recorded<Name>[];
  const algorithmsSet = async (about: WorkloadKey) =>
    (await of('PolicySet', about)).map(({ data }) => data.policy.algorithm);
  const untilSet = (about: WorkloadKey, wanted: readonly number[]) =>
    until(`policies of ${about}: ${wanted}`, async () =>
      `${await algorithmsSet(about)}` === `${wanted}` ? true : undefined,
    );
  const announced = (least: number) =>
    until(`${least} deciders`, async () => {
      const keys = await world.log.leases.keys('decider.member.>');
      return keys.length >= least ? true : undefined;
    });
  const ticks = async (more: number): Promise<void> => {
    const seen = (await world.of('DecidedThrough')).at(-1)?.seq ?? 0;
    await until(`${more} ticks`, async () => {
      const later = (await world.of('DecidedThrough')).filter(({ seq }) => seq > seen);
      return later.length >= more * partitionCount ? true : undefined;
    });
  };

  /** As `replay verify` does it. */
  const differences = async (about: WorkloadKey) => {
    const partition = partitionOf(about, partitionCount);
    const held = (await world.of('TickObserved')) as RecordedTick[];
    const recorded = (await world.events()).filter((event) => event.workload === about);
    const minutes = (await world.read(
      world.log.minutes,
      minutesSubject(partition, about),
    )) as RecordedMinute[];
    const inputs = replayInputs({
      workload: about,
      events: recorded,
      minutes,
      ticks: held.filter((tick) => tick.partition === partition),
    });
    const decisions = recorded.filter((event) => event.type === 'Decided');
    return verifyDecisions(inputs, decisions as FlyballEvent<'Decided'>[]);
  };

  it('waits for an older decider, then comes by itself, and moves nothing', async () => {
    await world.start('decider', 'old', { algorithms: older });
    await announced(1);
    await world.startAll();
    world.apply();
    world.apply({ [algorithmKey]: String(currentAlgorithm) }, asking);
    await untilSet(workload, [before]);
    const [refused] = await until('refused', async () => {
      const events = await of('PolicyRefused', asking);
      return events.length > 0 ? events : undefined;
    });
    expect(refused?.data.complaints).toEqual([
      {
        path: '',
        key: algorithmKey,
        value: String(currentAlgorithm),
        allowed: `what every living decider can do: ${older.join(', ')}`,
        message: expect.stringMatching(/^algorithm \d+ cannot be done by decider old-\w+ \(can /),
      },
    ]);
    await world.replicasReach(1);
    await world.poke(30);
    await world.replicasReach(3);
    await ticks(1);
    expect([await algorithmsSet(asking), world.replicas(asking)]).toEqual([[], 0]);

    const decided = (await of('Decided')).at(-1);
    await world.stop('old');
    await untilSet(workload, [before, currentAlgorithm]);
    await untilSet(asking, [currentAlgorithm]);
    await ticks(2);
    const later = (await of('Decided')).filter(({ seq }) => seq > (decided?.seq ?? 0));
    expect(later.filter(({ data }) => data.from !== data.to)).toEqual([]);
    expect(world.replicas()).toBe(3);

    await world.poke(60);
    await world.replicasReach(6);
    const [inForce] = (await of('PolicySet')).slice(-1);
    const last = (await of('Decided')).at(-1);
    expect(last?.data).toMatchObject({ algorithm: currentAlgorithm, policyId: inForce?.id });
    for (const name of ['windower', 'decider'] as const) await world.stop(name);
    expect(new Set((await of('Decided')).map(({ data }) => data.algorithm))).toEqual(
      new Set([before, currentAlgorithm]),
    );
    for (const about of [workload, asking]) expect(await differences(about)).toEqual([]);
    await world.expectEachOnce();
  });

  it('leaves alone what a decider cannot decide, says so, and goes on when it can', async () => {
    const unknown = Math.max(...knownAlgorithms) + 1;
    await world.startAll();
    world.apply();
    await untilSet(workload, [currentAlgorithm]);
    await world.oneReady();
    await world.stop('watcher');
    await setByANewerWatcher(unknown);
    await ticks(2);
    const decisions = (await of('Decided')).length;
    await world.poke(60);
    await ticks(2);
    expect([world.replicas(), (await of('Decided')).length]).toEqual([1, decisions]);
    expect(await leftAlone()).toBe(1);
    await world.start('watcher');
    await untilSet(workload, [currentAlgorithm, unknown, currentAlgorithm]);
    await world.poke(60);
    await world.replicasReach(6);
    await ticks(1);
    expect(await leftAlone()).toBe(0);
  });

  /** What a release with one more algorithm would have written before it was rolled back. */
  const setByANewerWatcher = async (algorithm: number): Promise<void> => {
    const partition = partitionOf(workload, partitionCount);
    const subject = workloadSubject(partition, workload, 'policy');
    const stored = await world.log.events.last(subject);
    const data = (await of('PolicySet')).at(-1)?.data;
    if (stored === undefined || data === undefined) throw new Error('There is no policy yet.');
    const event = eventFrom({
      type: 'PolicySet',
      pen: 'policy',
      workload,
      partition,
      source: '/flyball/watcher',
      cause: { id: 'newer-1:1', atMs: Date.now() },
      data: { ...data, policy: { ...data.policy, algorithm } },
    });
    const { body } = encodeEvent(event, chainOf(stored.body) ?? '');
    const expectedLastSeq = stored.seq;
    const fenced = { subject: subjectOf(event), id: event.id, body, expectedLastSeq };
    expect(await world.log.events.append(fenced)).toMatchObject({ kind: 'stored' });
  };

  const leftAlone = async (): Promise<number> => {
    const url = `${world.running.get('decider')?.healthUrl}/metrics`;
    const text = await (await fetch(url)).text();
    const counts = text.matchAll(/^flyball_decider_left_alone_workloads\{.*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
});
