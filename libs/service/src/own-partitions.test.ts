/** What a loop of a partition can go on with, and when it has its turn to recover. */
import { type Bucket, startMemoryServer } from '@flyball/event-log';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { beginLife } from './living.ts';
import { ownPartitions } from './own-partitions.ts';
import { leftForMs, recoveriesAtOnceMax, turnMsMax } from './recovery-turns.ts';
import { bucketOver } from './testing/bucket-road.ts';
import { VirtualTime, virtualClock } from './testing/virtual-time.ts';

const partitionCount = 8;
/** Long enough for a lease to run out, and to be taken by another. */
const heldUpMs = 4_000;
const sharedMs = 8_000;

/** A way to the bucket on which writes wait while it is held up, as those of a busy process do. */
const slowWay = (bucket: Bucket) => {
  let road = { passable: Promise.resolve(), open: (): void => undefined };
  const over = bucketOver(bucket, () => road.passable);
  const holdUp = (): void => {
    const { promise, resolve } = Promise.withResolvers<void>();
    road = { passable: promise, open: resolve };
  };
  return { bucket: over, holdUp, letGo: () => road.open() };
};

const openStory = () => {
  const time = new VirtualTime();
  const clock = virtualClock(time, 0);
  const server = startMemoryServer({ nowMs: clock.nowMs, partitionCount });
  const start = async (instance: string, { endsTurn = true, isSole = false } = {}) => {
    const log = server.connect();
    const way = slowWay(log.leases);
    const crashes: unknown[] = [];
    const living = beginLife({
      ...{ service: 'decider', instance, logger: pino({ level: 'silent' }), clock, isSole },
      random: () => 0.5,
      onCrash: (error) => void crashes.push(error),
    });
    /** What each run found, by partition. */
    const found: (readonly [number, string | undefined])[] = [];
    const recovering = new Set<number>();
    /** Whether the lease was still held when the work was to end. */
    const ended: boolean[] = [];
    await ownPartitions<string>({
      log: { ...log, leases: way.bucket, onStatus: (listener) => log.onStatus(listener) },
      stage: 'decider',
      life: living.life,
      run: async (partition, signal, { recovery, isHeld }) => {
        const endTurn = await recovery.turn(signal);
        recovering.add(partition);
        found.push([partition, recovery.take()]);
        if (endsTurn) endTurn();
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true });
          if (signal.aborted) resolve();
        });
        recovering.delete(partition);
        ended.push(isHeld());
        recovery.leave(instance);
      },
    });
    const kill = () => void log.close();
    return { ...way, living, found, recovering, ended, crashes, kill };
  };
  const pass = (durationMs: number) => time.run(time.nowMs + durationMs);
  return { start, pass };
};

const all = (left: string | undefined) =>
  Array.from({ length: partitionCount }, (_, partition) => [partition, left]);

describe('an owner whose time ran out', () => {
  it('goes on with what it left, when nobody else has owned it since; once', async () => {
    const story = openStory();
    const owner = await story.start('a');
    await story.pass(1_000);
    expect(owner.found).toEqual(all(undefined));
    for (const _ of ['once', 'and once more']) {
      owner.holdUp();
      await story.pass(heldUpMs);
      owner.letGo();
      owner.found.length = 0;
      await story.pass(1_000);
      expect(owner.found).toEqual(all('a'));
    }
    expect(owner.crashes).toEqual([]);
  });

  it('does not go on with what it left where another has owned meanwhile', async () => {
    const story = openStory();
    const owner = await story.start('a');
    await story.pass(1_000);
    owner.holdUp();
    await story.pass(heldUpMs);
    const other = await story.start('b');
    await story.pass(sharedMs);
    expect(other.found).toHaveLength(partitionCount);
    owner.letGo();
    owner.found.length = 0;
    await story.pass(sharedMs);
    expect(owner.found).toHaveLength(partitionCount / 2);
    expect(owner.found.map(([, left]) => left)).toEqual(owner.found.map(() => undefined));
  });

  it('forgets what it left in time', async () => {
    const story = openStory();
    const owner = await story.start('a');
    await story.pass(1_000);
    owner.holdUp();
    await story.pass(leftForMs + heldUpMs);
    owner.letGo();
    owner.found.length = 0;
    await story.pass(1_000);
    expect(owner.found).toEqual(all(undefined));
  });
});

it('what is given back is held until the work has ended: for the last snapshot', async () => {
  const story = openStory();
  const owner = await story.start('a');
  await story.pass(1_000);
  void owner.living.drain();
  await story.pass(1_000);
  expect(owner.ended).toEqual(all(undefined).map(() => true));
});

it('what ran out is no longer held when the work ends', async () => {
  const story = openStory();
  const owner = await story.start('a');
  await story.pass(1_000);
  owner.holdUp();
  await story.pass(heldUpMs);
  expect(owner.ended).toEqual(all(undefined).map(() => false));
});

describe('a process that was killed and is started again', () => {
  const again = async (isSole: boolean) => {
    const story = openStory();
    const killed = await story.start('a');
    await story.pass(1_000);
    killed.kill();
    const next = await story.start('a', { isSole });
    await story.pass(500);
    return next.found;
  };

  it('takes at once what it owned, when nobody else can have its name', async () => {
    expect(await again(true)).toEqual(all(undefined));
  });

  it('waits for the silence of what may still live under its name', async () => {
    expect(await again(false)).toEqual([]);
  });

  it('waits for the silence of another one', async () => {
    const story = openStory();
    const killed = await story.start('a-b');
    await story.pass(1_000);
    killed.kill();
    const next = await story.start('a', { isSole: true });
    await story.pass(500);
    expect(next.found).toEqual([]);
  });
});

describe('recoveries of one process', () => {
  it('are few at one time; the others have their turn as these end, or take too long', async () => {
    const story = openStory();
    const owner = await story.start('a', { endsTurn: false });
    await story.pass(1_000);
    expect(owner.recovering.size).toBe(recoveriesAtOnceMax);
    await story.pass(turnMsMax);
    expect(owner.recovering.size).toBe(partitionCount);
  });

  it('do not wait for those whose lease has ended', async () => {
    const story = openStory();
    const owner = await story.start('a', { endsTurn: false });
    await story.pass(1_000);
    owner.holdUp();
    await story.pass(heldUpMs);
    expect(owner.recovering.size).toBe(0);
    owner.letGo();
    await story.pass(500);
    expect(owner.recovering.size).toBe(recoveriesAtOnceMax);
  });
});
