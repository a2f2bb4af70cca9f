/** How long a recovery took: from taking the partition, with the wait for its turn. */
import type { FlyballEvent } from '@flyball/contracts';
import { startMemoryServer } from '@flyball/event-log';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { drive } from './drive.ts';
import { followStage } from './follow-stage.ts';
import { loneRecovery } from './recovery-turns.ts';
import { createStageMetrics } from './stage-metrics.ts';
import { deterministicDecider, storyPartition } from './testing/partition-story.ts';

const waitMs = 5_000;

const parts = () => {
  let monotonicMs = 0;
  const live = Promise.withResolvers<void>();
  const stop = new AbortController();
  const metrics = createStageMetrics('story', new Registry());
  const turn = async (): Promise<() => void> => {
    monotonicMs += waitMs;
    return () => undefined;
  };
  const options = {
    ...{ log: startMemoryServer().connect(), partition: storyPartition, signal: stop.signal },
    ...{ isOwner: () => true, logger: pino({ level: 'silent' }), metrics },
    clock: { ...systemClock, monotonicMs: () => monotonicMs },
    recovery: { ...loneRecovery, turn },
    onLive: () => live.resolve(),
  };
  const sumSeconds = async (): Promise<number | undefined> => {
    const { values } = await metrics.recoverySeconds.get();
    return values.find(({ metricName }) => metricName?.endsWith('_sum'))?.value;
  };
  return { options, live: live.promise, stop, sumSeconds };
};

type Given = ReturnType<typeof parts>['options'];

const decides = (given: Given): Promise<void> => drive({ ...given, stage: deterministicDecider });

const movesTheOutside = (given: Given): Promise<void> => {
  const isCommand = (_: FlyballEvent): _ is never => false;
  return followStage({ ...given, stage: { ...deterministicDecider, isCommand } });
};

it.each([
  ['that decides', decides],
  ['that moves the outside', movesTheOutside],
])('is told of a stage %s', async (_which, run) => {
  const { options, live, stop, sumSeconds } = parts();
  const ended = run(options);
  await live;
  expect(await sumSeconds()).toBe(waitMs / 1_000);
  stop.abort();
  await ended;
});
