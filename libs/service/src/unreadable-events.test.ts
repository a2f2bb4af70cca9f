/** A projection goes on: whoever is routed by it must not wait for what nobody can read. */
import { deadLettersSubject, type FlyballEvent, type RecordedEvent } from '@flyball/contracts';
import { startMemoryServer } from '@flyball/event-log';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { followProjection } from './follow-projection.ts';
import { beginLife } from './living.ts';
import { createTeller, opening, storyPartition } from './testing/partition-story.ts';

const broken = 'flyball.events.0.team.broken.platform';

it.each([
  ['while it catches up', false],
  ['while it follows', true],
])('what nobody can read is put aside, and pods are heard of: %s', async (_when, isLive) => {
  const server = startMemoryServer();
  const teller = createTeller(server.connect());
  const poison = { subject: broken, id: 'poison', body: '{"not":"an event"}', expectedLastSeq: 0 };
  const stop = new AbortController();
  const { life } = beginLife({
    ...{ service: 'activator', instance: '1', clock: systemClock, random: () => 0 },
    logger: pino({ level: 'silent' }),
    onCrash: () => undefined,
  });
  let routed: readonly string[] = [];
  let following: Promise<void> | undefined;
  const follow = (): Promise<void> =>
    followProjection<string[], true>(
      {
        ...{ log: server.connect(), life, filter: 'flyball.events.>' },
        snapshotKey: { stage: 'activator', partition: storyPartition },
        projection: {
          ...{ version: 1, tails: new Set(['platform']), initialState: () => [] },
          evolve: (state, fact: FlyballEvent | RecordedEvent) => {
            if (fact.type === 'PodReady') state.push(fact.workload ?? '');
            return true;
          },
        },
        onCaughtUp: (state) => {
          routed = [...state];
        },
        onChanged: (state) => {
          routed = [...state];
        },
      },
      stop.signal,
    );
  for (const event of opening('default/a')) await teller(event);
  if (isLive) {
    following = follow();
    await expect.poll(() => routed, { timeout: 5_000 }).toEqual(['default/a']);
  }
  await server.connect().events.append(poison);
  following ??= follow();
  for (const event of opening('default/b')) await teller(event);
  await expect.poll(() => routed, { timeout: 5_000 }).toEqual(['default/a', 'default/b']);
  const filter = deadLettersSubject(storyPartition, 'activator');
  const letter = await server.connect().deadLetters.last(filter);
  expect(JSON.parse(letter?.body ?? '{}').data).toMatchObject({
    ...{ code: 'LOG_CORRUPT', subject: broken },
  });
  stop.abort();
  await following;
});
