/** One partition's tenure: what is seen goes into the stage until everything has been said. */
import {
  type DecidersObserved,
  holdingActivators,
  type Observation,
  type PlatformObserved,
  type WatcherInput,
  type WatcherState,
} from '@flyball/domain';
import { type Life, type LiveState, type LogLoss, sleepInStep } from '@flyball/service';
import type { Activators } from './activators.ts';
import type { DeciderSight } from './decider-sight.ts';
import type { PlatformSight } from './sight.ts';

/** Steps after one observation at most; each says one thing of each workload. */
const saidMoreMax = 100_000;
/** Vanished activators are looked for this often. */
const activatorsEveryMs = 500;

export interface Watching {
  readonly life: Life;
  readonly partition: number;
  readonly sight: PlatformSight;
  readonly deciders: DeciderSight;
  readonly activators: Activators;
  /** The next id of this process: `<instance>-<boot>:<n>`. */
  readonly nextId: () => string;
}

type LiveWatcher = LiveState<WatcherState, WatcherInput>;

type Told =
  | Pick<PlatformObserved, 'type' | 'observation'>
  | Pick<DecidersObserved, 'type' | 'deciders'>;

const observe = ({ life, nextId }: Watching, live: LiveWatcher, told: Told): void => {
  const atMs = life.clock.nowMs();
  let said = live.feed({ ...told, id: nextId(), atMs });
  for (let steps = 0; said > 0; steps += 1) {
    if (steps >= saidMoreMax) throw new Error('The watcher never ceases to say more.');
    said = live.feed({ type: 'SaidMore', id: nextId(), atMs });
  }
};

const tellLoss = ({ life }: Watching, live: LiveWatcher, loss: LogLoss): void => {
  const { verdict, expected } = loss;
  const recreated = verdict.kind === 'recreated';
  live.feed({
    type: 'LogLost',
    atMs: life.clock.nowMs(),
    stage: 'watcher',
    expectedSeq: expected.seq,
    expectedId: expected.eventId === '' ? null : expected.eventId,
    foundSeq: recreated ? 0 : verdict.lostFromSeq - 1,
    expectedStreamCreatedAt: expected.streamCreatedAt,
    foundStreamCreatedAt: recreated ? verdict.createdAt : expected.streamCreatedAt,
  });
};

const lookForVanished = async (watching: Watching, live: LiveWatcher): Promise<void> => {
  const { life, activators, nextId } = watching;
  while (!live.signal.aborted) {
    await sleepInStep(life.clock, activatorsEveryMs, live.signal);
    if (live.signal.aborted || !activators.settled()) continue;
    for (const instance of holdingActivators(live.state())) {
      if (activators.isAlive(instance)) continue;
      if (!(await activators.hasVanished(instance, live.signal))) continue;
      if (live.signal.aborted || !activators.settled()) break;
      const atMs = life.clock.nowMs();
      live.feed({ type: 'ActivatorVanished', id: nextId(), atMs, instance });
      life.logger.warn({ activator: instance }, 'an activator vanished with requests that it held');
    }
  }
};

/**
 * Begins when the partition's state is that of the log's end: with who decides, then with what the
 * platform shows. No policy is told before it is known who must be able to do it.
 */
export const watchPartition = (
  watching: Watching,
  live: LiveWatcher,
  loss: LogLoss | undefined,
): void => {
  const { sight, deciders, partition, life } = watching;
  if (loss !== undefined) tellLoss(watching, live, loss);
  const onPlatform = (observation: Observation) =>
    observe(watching, live, { type: 'PlatformObserved', observation });
  let seesPlatform = false;
  deciders.subscribe((living) => {
    observe(watching, live, { type: 'DecidersObserved', deciders: living });
    if (!seesPlatform) sight.subscribe(partition, onPlatform, live.signal);
    seesPlatform = true;
  }, live.signal);
  lookForVanished(watching, live).catch((error: unknown) => life.crash(error));
};
