/** What a projection notices beside what it reads: a wish to fold anew, a log that lost some. */
import { answersSubject, partitionFilter, penFilter } from '@flyball/contracts';
import { startMemoryServer } from '@flyball/event-log';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { followProjection } from './follow-projection.ts';
import { beginLife } from './living.ts';
import { createTeller, storyPartition, tick } from './testing/partition-story.ts';
import { VirtualTime, virtualClock } from './testing/virtual-time.ts';

it('folds anew within half a minute when asked, though no event comes', async () => {
  const time = new VirtualTime();
  const server = startMemoryServer();
  const log = server.connect();
  const { life } = beginLife({
    ...{ service: 'collector', instance: '0', logger: pino({ level: 'silent' }) },
    ...{ clock: virtualClock(time, 0), random: () => 0, onCrash: () => undefined },
  });
  const end = new AbortController();
  let folds = 0;
  const following = followProjection(
    {
      ...{ log, life, filter: penFilter(storyPartition, 'platform') },
      snapshotKey: { stage: 'collector', partition: storyPartition },
      projection: {
        ...{ version: 1, tails: new Set(['platform']), evolve: () => undefined },
        initialState: () => ({}),
      },
      onCaughtUp: () => {
        folds += 1;
      },
      onChanged: () => undefined,
    },
    end.signal,
  );
  await time.run(10_000);
  const subject = answersSubject(storyPartition, 'collector', 'refold');
  await log.deadLetters.append({ subject, id: 'retry-1', body: '{}' });
  await time.run(29_000);
  expect(folds).toBe(1);
  await time.run(31_000);
  expect(folds).toBe(2);
  await time.run(120_000);
  expect(folds).toBe(2);
  end.abort();
  await following;
});

it('folds anew when the log loses and replaces some while it is read to its end', async () => {
  const server = startMemoryServer();
  const log = server.connect();
  const workload = 'default/a';
  const teller = createTeller(server.connect());
  for (const n of [1, 2, 3]) await teller(tick(n, [workload], 1));
  const { events } = log;
  const readToEnd = events.readToEnd.bind(events);
  let isCut = false;
  events.readToEnd = async function* (options) {
    yield* readToEnd(options);
    if (isCut) return;
    isCut = true;
    log.disconnect();
    server.loseTail('EVENTS', 1);
    const other = createTeller(server.connect(), await server.connect().events.last('>'));
    for (const n of [12, 13, 14]) await other(tick(n, [workload], 1));
    log.reconnect();
    yield* readToEnd({ ...options, afterSeq: 3 });
  };
  const { life } = beginLife({
    ...{ service: 'collector', instance: '0', logger: pino({ level: 'silent' }) },
    ...{ clock: systemClock, random: () => 0, onCrash: () => undefined },
  });
  const end = new AbortController();
  const caughtUp = Promise.withResolvers<readonly string[]>();
  const following = followProjection(
    {
      ...{ log, life, filter: partitionFilter(storyPartition) },
      snapshotKey: { stage: 'collector', partition: storyPartition },
      projection: {
        ...{ version: 1, tails: new Set(['ticks']), initialState: (): string[] => [] },
        evolve: (ids, { id }) => void ids.push(id),
      },
      onCaughtUp: (ids) => caughtUp.resolve([...ids]),
      onChanged: () => undefined,
    },
    end.signal,
  );
  const ticks = (await caughtUp.promise).map((id) => id.split('-')[0]);
  expect(ticks).toEqual(['w1', 'w12', 'w13', 'w14']);
  end.abort();
  await following;
});
