/** Who decides, as partitions are told it: at once when it is known, then at each change. */
import type { LivingDecider } from '@flyball/domain';
import {
  type Abilities,
  holdLeases,
  type MemoryServer,
  startMemoryServer,
} from '@flyball/event-log';
import { type Life, systemClock } from '@flyball/service';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDeciderSight, type DeciderSight } from './decider-sight.ts';

const never = new AbortController().signal;
let server: MemoryServer;
let sight: DeciderSight;
let stop: AbortController;
let following: Promise<void>;
const ends: (() => Promise<void>)[] = [];

beforeEach(() => {
  server = startMemoryServer();
  stop = new AbortController();
  const life = { clock: systemClock, logger: pino({ level: 'silent' }) } as unknown as Life;
  sight = createDeciderSight(server.connect(), life);
  following = sight.follow(stop.signal);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  stop.abort();
  await following;
});

/** A decider that announces this; gives what ends it. */
const live = (instance: string, abilities?: Abilities): (() => Promise<void>) => {
  const ending = new AbortController();
  const holder = holdLeases({
    bucket: server.connect().leases,
    stage: 'decider',
    instance,
    partitionCount: 1,
    signal: ending.signal,
    onGained: () => {},
    ...(abilities === undefined ? {} : { abilities }),
  });
  const end = async (): Promise<void> => {
    ending.abort();
    await holder.ended;
  };
  ends.push(end);
  return end;
};

const listen = (signal: AbortSignal = never): (readonly LivingDecider[])[] => {
  const told: (readonly LivingDecider[])[] = [];
  sight.subscribe((living) => told.push(living), signal);
  return told;
};

it('tells that nobody decides, as soon as that is known', async () => {
  const told = listen();
  await expect.poll(() => told).toEqual([[]]);
});

it('takes one that announces nothing for one that can do the first version only', async () => {
  const told = listen();
  live('silent');
  await expect.poll(() => told.at(-1)).toEqual([{ instance: 'silent', algorithms: [1] }]);
  live('able', { algorithms: [1, 2], others: [7] });
  await expect.poll(() => told.at(-1)?.length).toBe(2);
  expect(told.at(-1)?.[1]).toEqual({ instance: 'able', algorithms: [1, 2] });
});

it('tells a partition that comes later at once, and one that was lost nothing more', async () => {
  const first = listen();
  const end = live('one', { algorithms: [1] });
  await expect.poll(() => first.at(-1)?.length).toBe(1);
  const tenure = new AbortController();
  const lost = listen(tenure.signal);
  expect(lost).toEqual([[{ instance: 'one', algorithms: [1] }]]);
  tenure.abort();
  await end();
  await expect.poll(() => first.at(-1)).toEqual([]);
  expect(lost).toHaveLength(1);
});
