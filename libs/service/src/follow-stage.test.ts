/** An effectful stage through poison, rivals and a log that lost its tail. */
import {
  deadLettersSubject,
  encodeEvent,
  type FlyballEvent,
  type RecordedEvent,
  streams,
  type WorkloadKey,
} from '@flyball/contracts';
import { type EventLog, type MemoryServer, startMemoryServer } from '@flyball/event-log';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import type { EffectfulStage, LiveState } from './effectful-stage.ts';
import { noFence, subjectOfEvent } from './fences.ts';
import { followStage } from './follow-stage.ts';
import type { LogLoss } from './position-check.ts';
import type { LeftState } from './recover.ts';
import { loneRecovery, type Recovery } from './recovery-turns.ts';
import { createStageMetrics } from './stage-metrics.ts';
import { createTeller, loads, opening, storyPartition, tick } from './testing/partition-story.ts';

const workload: WorkloadKey = 'default/a';
const poisonAt = 3;

interface Counted {
  readonly ticks: string[];
}

/** Counts ticks, and breaks on one of them after it has half changed its state. */
const counter = (poisoned: boolean): EffectfulStage<Counted, never, FlyballEvent, never> => ({
  stage: {
    name: 'watcher',
    initialState: () => ({ ticks: [] }),
    evolve: (state, fact) => {
      if (fact.type !== 'TickObserved') return state;
      state.ticks.push(fact.id);
      const { samplesThroughSeq } = fact.data as FlyballEvent<'TickObserved'>['data'];
      if (poisoned && samplesThroughSeq === poisonAt) throw new Error('cannot fold this');
      return state;
    },
    decide: () => [],
  },
  ownPens: ['incidents'],
  passesBy: [],
  snapshotVersion: 1,
  isCommand: (output): output is never => !('pen' in output),
  toSnapshot: (state) => state,
  fromSnapshot: (snapshot) => snapshot as Counted,
});

const until = async (condition: () => boolean): Promise<void> => {
  const untilMs = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > untilMs) throw new Error('the condition never came');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

describe('the loop of an effectful stage', () => {
  let server: MemoryServer;
  let log: ReturnType<MemoryServer['connect']>;
  let stop: AbortController;
  let ended: Promise<void>;
  let state: () => Counted;
  let losses: (LogLoss | undefined)[];
  let changes: number[];
  let tenures: LiveState<Counted, never>[];
  let left: LeftState<Counted> | undefined;
  /** As `ownPartitions` keeps it for one whose lease ran out. */
  const recovery: Recovery<LeftState<Counted>> = {
    ...loneRecovery,
    take: () => left,
    leave: (one) => {
      left = one;
    },
  };

  const follow = (poisoned: boolean, isOwner = true): void => {
    stop = new AbortController();
    ended = followStage({
      ...{ log, stage: counter(poisoned), partition: storyPartition, signal: stop.signal },
      ...{
        isOwner: () => isOwner,
        recovery,
        clock: systemClock,
        logger: pino({ level: 'silent' }),
      },
      metrics: createStageMetrics('watcher', new Registry()),
      onLive: (live, loss) => {
        state = live.state;
        tenures.push(live);
        losses.push(loss);
      },
      onChanged: (live) => changes.push(live.state().ticks.length),
    });
  };
  const deadLetters = async (from: EventLog): Promise<unknown[]> => {
    const found: unknown[] = [];
    const filter = deadLettersSubject(storyPartition, 'watcher');
    const reading = { filter, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
    for await (const batch of from.deadLetters.readToEnd(reading)) {
      found.push(...batch.map(({ body }) => JSON.parse(body).data));
    }
    return found;
  };

  beforeEach(() => {
    server = startMemoryServer();
    log = server.connect();
    state = () => ({ ticks: [] });
    losses = [];
    changes = [];
    tenures = [];
    left = undefined;
  });
  afterEach(async () => {
    stop.abort();
    await ended;
  });

  const tellAll = async () => {
    const tell = createTeller(server.connect());
    for (const event of opening(workload)) await tell(event);
    for (const [index, load] of loads.entries()) await tell(tick(index + 1, [workload], load));
    return tell;
  };

  it('goes on from where it was when its lease ran out; the tenure before is over', async () => {
    await tellAll();
    follow(false, false);
    await until(() => state().ticks.length === loads.length);
    const { seq } = (await log.events.at(server.lastSeq(streams.events))) ?? { seq: 0 };
    stop.abort();
    await ended;
    expect(left).toMatchObject({ position: { seq }, state: { ticks: state().ticks } });
    const before = state().ticks;
    tenures[0]?.feed(tick(loads.length + 1, [workload], 1) as never);
    expect(before).toHaveLength(loads.length);
    follow(false, false);
    await until(() => tenures.length === 2);
    expect(state().ticks).toBe(before);
  });

  it.each([
    ['while it recovers', true],
    ['live', false],
  ])('puts a message on which it throws aside and goes on, %s', async (_when, before) => {
    if (before) await tellAll();
    follow(true);
    if (!before) await tellAll();
    await until(() => state().ticks.length === loads.length - 1);
    expect(state().ticks).not.toContain(tick(poisonAt, [workload], 0).id);
    expect(await deadLetters(log)).toMatchObject([
      {
        stage: 'watcher',
        stream: 'EVENTS',
        code: 'STAGE_THREW',
        subject: 'flyball.events.0.ticks',
      },
    ]);
  });

  it('puts what nobody can read aside and goes on', async () => {
    follow(false);
    const subject = 'flyball.events.0.team.broken.platform';
    const poison = { subject, id: 'poison', body: '{"not":"an event"}', expectedLastSeq: 0 };
    await server.connect().events.append(poison);
    await tellAll();
    await until(() => state().ticks.length === loads.length);
    expect(await deadLetters(log)).toMatchObject([
      { stage: 'watcher', code: 'LOG_CORRUPT', subject },
    ]);
  });

  it('tells that the state may have changed at each event, once it is live', async () => {
    const tell = await tellAll();
    follow(false);
    await until(() => state().ticks.length === loads.length);
    expect(changes).toEqual([]);
    await tell(tick(loads.length + 1, [workload], 1));
    await until(() => changes.length > 0);
    expect(changes).toEqual([loads.length + 1]);
  });

  it('tells what the log lost', async () => {
    follow(false);
    await tellAll();
    await until(() => state().ticks.length === loads.length);
    log.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.loseTail('EVENTS', 6);
    log.reconnect();
    await until(() => losses.length > 1);
    expect(losses[0]).toBeUndefined();
    expect(losses[1]).toMatchObject({
      verdict: { kind: 'truncated', lostFromSeq: 7 },
      expected: { seq: opening(workload).length + loads.length },
    });
    await until(() => state().ticks.length === 2);
    // Told again until the log knows it: only the stored snapshot shows it once more.
    stop.abort();
    await ended;
    expect(left).toBeUndefined();
  });

  it('names a stream that was made anew under the same name', async () => {
    follow(false);
    await tellAll();
    await until(() => state().ticks.length === loads.length);
    log.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.recreate('EVENTS');
    log.reconnect();
    await until(() => losses.length > 1);
    expect(losses[1]).toMatchObject({ verdict: { kind: 'recreated' } });
    expect(state().ticks).toEqual([]);
  });

  it('reads nothing on while it is not known whether the log is whole', async () => {
    follow(false);
    await tellAll();
    await until(() => state().ticks.length === loads.length);
    const told = state;
    log.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.loseTail('EVENTS', 6);
    // Others write on: the sequences that were read are other messages now.
    const other = server.connect();
    let seq = 6;
    for (let n = 20; n < 40; n += 1) {
      const event: FlyballEvent | RecordedEvent = tick(n, [workload], 1);
      const { body } = encodeEvent(event, noFence.chain);
      const subject = subjectOfEvent(event);
      const result = await other.events.append({
        subject,
        id: event.id,
        body,
        expectedLastSeq: seq,
      });
      if (result.kind === 'stored') seq = result.seq;
    }
    log.reconnect();
    await until(() => losses.length > 1);
    expect(told().ticks.length).toBe(loads.length);
    await until(() => state().ticks.length === 22);
  });
});
