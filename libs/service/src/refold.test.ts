/** Each loop folds its partition anew, the message that it had put aside included, when asked. */
import {
  answersSubject,
  deadLettersSubject,
  type FlyballEvent,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import { type MemoryServer, startMemoryServer } from '@flyball/event-log';
import { silentTelemetry } from '@flyball/telemetry';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from './clock.ts';
import { drive } from './drive.ts';
import { followProjection } from './follow-projection.ts';
import { followStage } from './follow-stage.ts';
import type { Life } from './life.ts';
import { snapshotEveryMs } from './snapshotter.ts';
import { createStageMetrics } from './stage-metrics.ts';
import { createTeller, opening, storyPartition, tick } from './testing/partition-story.ts';

const workload: WorkloadKey = 'default/a';
const poisonAt = 3;
const ticks = 6;
const logger = pino({ level: 'silent' });

interface Counted {
  ticks: string[];
}

interface Bed {
  readonly server: MemoryServer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The code of today throws on one tick; that of tomorrow does not. */
  readonly isMended: boolean;
  readonly seen: (state: Counted) => void;
}

const evolveIn =
  (bed: Bed) =>
  (state: Counted, fact: FlyballEvent | RecordedEvent): Counted => {
    if (fact.type !== 'TickObserved') return state;
    state.ticks.push(fact.id);
    const { samplesThroughSeq } = fact.data as FlyballEvent<'TickObserved'>['data'];
    if (!bed.isMended && samplesThroughSeq === poisonAt) throw new Error('cannot fold this');
    bed.seen(state);
    return state;
  };

const stageIn = (bed: Bed, ownPens: readonly ('progress' | 'incidents')[]) => ({
  stage: {
    name: 'watcher' as const,
    initialState: (): Counted => ({ ticks: [] }),
    evolve: evolveIn(bed),
    decide: () => [],
  },
  ...{ ownPens, passesBy: [], snapshotVersion: 1 },
  toSnapshot: (state: Counted) => state,
  fromSnapshot: (snapshot: unknown) => snapshot as Counted,
});

const common = ({ server, clock, signal }: Bed) => ({
  ...{ log: server.connect(), partition: storyPartition, signal, clock, logger },
  isOwner: () => true,
  metrics: createStageMetrics('watcher', new Registry()),
});

const lifeIn = ({ clock, signal }: Bed): Life => ({
  ...{ service: 'watcher', instance: '0', incarnation: '0-a', signal, logger, clock },
  ...{ metrics: new Registry(), telemetry: silentTelemetry, random: () => 0 },
  readiness: () => ({ set: () => undefined }),
  ...{ onDrain: () => undefined, onClose: () => undefined, run: () => undefined },
  ...{ announce: () => undefined, crash: () => undefined },
});

const loops: readonly (readonly [string, (bed: Bed) => Promise<void>])[] = [
  ['drive', (bed) => drive({ ...common(bed), stage: stageIn(bed, ['progress']) })],
  [
    'followStage',
    (bed) => {
      const isCommand = (_: unknown): _ is never => false;
      const stage = { ...stageIn(bed, ['incidents']), isCommand };
      return followStage({ ...common(bed), stage, onLive: () => undefined });
    },
  ],
  [
    'followProjection',
    (bed) =>
      followProjection(
        {
          ...{ log: bed.server.connect(), life: lifeIn(bed), filter: 'flyball.events.>' },
          snapshotKey: { stage: 'watcher', partition: storyPartition },
          projection: {
            ...{ version: 1, tails: new Set(['ticks']), evolve: evolveIn(bed) },
            initialState: () => ({ ticks: [] }),
          },
          ...{ onCaughtUp: () => undefined, onChanged: () => undefined },
        },
        bed.signal,
      ),
  ],
];

describe.each(loops)('%s', (_name, run) => {
  let server: MemoryServer;
  let teller: ReturnType<typeof createTeller>;
  let stop: AbortController;
  let ended: Promise<void>;
  let state: Counted;
  let aheadMs: number;
  let mended: boolean;

  const clock: Clock = { ...systemClock, monotonicMs: () => performance.now() + aheadMs };
  const start = (): void => {
    stop = new AbortController();
    state = { ticks: [] };
    ended = run({
      ...{ server, clock, signal: stop.signal },
      get isMended() {
        return mended;
      },
      seen: (seen) => {
        state = seen;
      },
    });
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  const counted = (): string[] => state.ticks.map((id) => id.replace(/-.*/, ''));
  const without = ['w1', 'w2', 'w4', 'w5', 'w6'];
  const all = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'];
  const retry = (id: string): Promise<unknown> => {
    const subject = answersSubject(storyPartition, 'watcher', 'refold');
    return server.connect().deadLetters.append({ subject, id, body: '{}' });
  };
  const letterIds = async (): Promise<string[]> => {
    const ids: string[] = [];
    const filter = deadLettersSubject(storyPartition, 'watcher');
    const reading = { filter, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
    for await (const some of server.connect().deadLetters.readToEnd(reading)) {
      ids.push(...some.map(({ id }) => id));
    }
    return ids;
  };

  beforeEach(async () => {
    server = startMemoryServer();
    aheadMs = 0;
    mended = false;
    teller = createTeller(server.connect());
    for (const event of opening(workload)) await teller(event);
    for (let n = 1; n <= ticks; n += 1) await teller(tick(n, [workload], n));
    start();
    await expect.poll(counted).toEqual(without);
  });
  afterEach(end);

  it('reads it again at its next start, once', async () => {
    await end();
    mended = true;
    start();
    await teller(tick(7, [workload], 7));
    await expect.poll(counted).toEqual([...without, 'w7']);
    await end();
    await retry('first');
    start();
    await expect.poll(counted).toEqual([...all, 'w7']);
    await end();
    start();
    await teller(tick(8, [workload], 8));
    await expect.poll(counted).toEqual([...all, 'w7', 'w8']);
  });

  it('reads it again while it runs, when a snapshot is due', async () => {
    mended = true;
    await retry('first');
    aheadMs += snapshotEveryMs;
    await teller(tick(7, [workload], 7));
    await expect.poll(counted).toEqual([...all, 'w7']);
  });

  it('says so once more when it cannot take it again either', async () => {
    const [letter] = await letterIds();
    expect(await letterIds()).toHaveLength(1);
    await retry('first');
    aheadMs += snapshotEveryMs;
    await teller(tick(7, [workload], 7));
    await expect.poll(letterIds).toEqual([letter, `${letter}:first`]);
    await expect.poll(counted).toEqual([...without, 'w7']);
  });
});
