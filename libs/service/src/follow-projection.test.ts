/** A projection that reads little: what it still notices while nothing comes that it reads. */
import { answersSubject, penFilter } from '@flyball/contracts';
import { startMemoryServer } from '@flyball/event-log';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { followProjection } from './follow-projection.ts';
import { beginLife } from './living.ts';
import { storyPartition } from './testing/partition-story.ts';
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
