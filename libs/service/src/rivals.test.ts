/** What a decider must not go on from: words of another owner, and facts that the log lost. */
import {
  decodeEvent,
  encodeEvent,
  eventFrom,
  type FlyballEvent,
  type RecordedEvent,
  streams,
} from '@flyball/contracts';
import { type MemoryServer, startMemoryServer } from '@flyball/event-log';
import { describe, expect, it } from 'vitest';
import type { DeterministicStage } from './deterministic-stage.ts';
import { fenceAfter } from './fences.ts';
import {
  decidedThrough,
  startDecider,
  until,
  workloads,
  written,
} from './testing/driven-decider.ts';
import { createTeller, deterministicDecider, opening, tick } from './testing/partition-story.ts';

const [workload] = workloads;
const decisionsOf = (name: string) => `flyball.events.0.${name.replace('/', '.')}.decisions`;

/** A partition with its workloads; `tellTick` tells the next tick, with this load of each. */
const openPartition = async () => {
  const server = startMemoryServer();
  const teller = createTeller(server.connect());
  for (const event of workloads.flatMap(opening)) await teller(event);
  let ticks = 0;
  const tellTick = async (load: number): Promise<FlyballEvent> => {
    ticks += 1;
    const told = tick(ticks, workloads, load);
    await teller(told);
    return told;
  };
  return { server, teller, tellTick, decided: () => until(decidedThrough(server, ticks)) };
};

/** What was decided of the first workload, in the order of the log. */
const decisionsIn = async (server: MemoryServer): Promise<readonly string[]> => {
  const all = await written(server);
  return all
    .filter(({ subject }) => subject === decisionsOf(workload))
    .map(({ body }) => JSON.parse(body))
    .map(({ causationid, data }) => `${causationid.split('-')[0]}: ${data.from} → ${data.to}`);
};

/** Another owner decides this of the first workload, at this tick, and dies. */
const rivalDecides = async (server: MemoryServer, cause: FlyballEvent, to: number) => {
  const { events } = server.connect();
  const last = await events.last(decisionsOf(workload));
  const decoded = last && decodeEvent(last.body, last.subject, last.seq);
  if (last === undefined || decoded?.ok !== true) throw new Error('nothing is decided yet');
  const { data } = decoded.event as Extract<RecordedEvent, { type: 'Decided' }>;
  const decision = eventFrom({
    ...{ type: 'Decided', pen: 'decisions', workload, partition: 0, source: '/flyball/decider' },
    cause,
    data: { ...data, from: data.to, to },
  });
  const { seq: expectedLastSeq, chain } = fenceAfter(last);
  const { body } = encodeEvent(decision, chain);
  await events.append({ subject: last.subject, id: decision.id, body, expectedLastSeq });
};

const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('what another owner decided', () => {
  it('under the same id stands: the next decision begins there', async () => {
    const { server, tellTick, decided } = await openPartition();
    await tellTick(5);
    const decider = startDecider(server);
    await decided();
    decider.link.disconnect();
    await rivalDecides(server, await tellTick(25), 7);
    decider.link.reconnect();
    await decided();
    await tellTick(95);
    await decided();
    await decider.stop();
    expect(await decisionsIn(server)).toEqual(['w1: null → 1', 'w2: 1 → 7', 'w3: 7 → 10']);
  });

  it('where this one had nothing to decide is put right, and does not stay', async () => {
    const { server, tellTick, decided } = await openPartition();
    await tellTick(5);
    const decider = startDecider(server);
    await tellTick(25);
    const steady = await tellTick(25);
    await decided();
    await rivalDecides(server, steady, 7);
    for (let n = 0; n < 4; n += 1) await tellTick(25);
    await decided();
    await decider.stop();
    const decisions = await decisionsIn(server);
    expect(decisions.slice(0, 3)).toEqual(['w1: null → 1', 'w2: 1 → 3', 'w3: 3 → 7']);
    expect(decisions.at(-1)).toMatch(/→ 3$/);
  });

  it('ends a state only when its own appends are at their end', async () => {
    const { server, tellTick, decided } = await openPartition();
    await tellTick(5);
    const held = Promise.withResolvers<void>();
    let [holdsNext, isHeld] = [false, false];
    const append = async ({ subject }: { readonly subject: string }) => {
      if (!holdsNext || subject === decisionsOf(workload)) return;
      [holdsNext, isHeld] = [false, true];
      await held.promise;
    };
    const decider = startDecider(server, deterministicDecider, { road: { append } });
    await decided();
    holdsNext = true;
    decider.link.disconnect();
    await rivalDecides(server, await tellTick(25), 7);
    decider.link.reconnect();
    await until(async () => isHeld);
    await aMoment();
    let ended = false;
    const stopped = decider.stop().then(() => {
      ended = true;
    });
    await aMoment();
    expect(ended).toBe(false);
    held.resolve();
    await stopped;
  });
});

describe('a decision that the log does not have', () => {
  /** Code that decides nothing at one tick. */
  const silentAt = (tickId: string): typeof deterministicDecider => {
    const { stage } = deterministicDecider;
    const decide: DeterministicStage<never>['stage']['decide'] = (input, state) =>
      stage
        .decide(input, state)
        .filter((output) => output.type !== 'Decided' || output.causationId !== tickId);
    return { ...deterministicDecider, stage: { ...stage, decide } };
  };

  it('and went on without is not written afterwards', async () => {
    const { server, tellTick, decided } = await openPartition();
    await tellTick(5);
    const { id } = await tellTick(25);
    await tellTick(95);
    const before = startDecider(server, silentAt(id));
    await decided();
    await before.kill();
    const after = startDecider(server);
    await tellTick(95);
    await decided();
    await after.stop();
    expect(await decisionsIn(server)).toEqual(['w1: null → 1', 'w3: 1 → 10']);
  });
});

describe('a log that comes back without its tail', () => {
  it('is not decided on before it is known that the state is of another log', async () => {
    const { server, teller, tellTick, decided } = await openPartition();
    await tellTick(5);
    const road = { state: aMoment };
    const decider = startDecider(server, deterministicDecider, { road });
    await decided();
    const kept = server.lastSeq(streams.events);
    const [, policySet] = opening(workload);
    if (policySet?.type !== 'PolicySet') throw new Error('no policy');
    const { data } = policySet as FlyballEvent<'PolicySet'>;
    const lost = { ...policySet, id: 'lost:policy:default/a' };
    await teller({ ...lost, data: { ...data, policy: { ...data.policy, maxScale: 2 } } });
    await aMoment();
    decider.link.disconnect();
    server.loseTail(streams.events, kept);
    for (const event of opening('team/other')) await teller(event);
    await tellTick(25);
    decider.link.reconnect();
    await decided();
    await decider.stop();
    expect(await decisionsIn(server)).toEqual(['w1: null → 1', 'w2: 1 → 3']);
  });
});
