/** One partition's tenure: what is seen goes into the stage until everything has been said. */
import {
  type DecidersObserved,
  holdingActivators,
  type Observation,
  type PlatformObserved,
  type WatcherInput,
  type WatcherState,
} from '@flyball/domain';
import { type Life, type LogLoss, sleepInStep, type Tenure } from '@flyball/service';
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

type WatcherTenure = Tenure<WatcherState, WatcherInput>;

type Told =
  | Pick<PlatformObserved, 'type' | 'observation'>
  | Pick<DecidersObserved, 'type' | 'deciders'>;

const observe = ({ life, nextId }: Watching, tenure: WatcherTenure, told: Told): void => {
  const atMs = life.clock.nowMs();
  let said = tenure.feed({ ...told, id: nextId(), atMs });
  for (let steps = 0; said > 0; steps += 1) {
    if (steps >= saidMoreMax) throw new Error('The watcher never ceases to say more.');
    said = tenure.feed({ type: 'SaidMore', id: nextId(), atMs });
  }
};

const tellLoss = ({ life }: Watching, tenure: WatcherTenure, loss: LogLoss): void => {
  const { verdict, expected } = loss;
  const recreated = verdict.kind === 'recreated';
  tenure.feed({
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

const lookForVanished = async (watching: Watching, tenure: WatcherTenure): Promise<void> => {
  const { life, activators, nextId } = watching;
  while (!tenure.signal.aborted) {
    await sleepInStep(life.clock, activatorsEveryMs, tenure.signal);
    if (tenure.signal.aborted || !activators.settled()) continue;
    for (const instance of holdingActivators(tenure.state())) {
      if (activators.isAlive(instance)) continue;
      if (!(await activators.hasVanished(instance, tenure.signal))) continue;
      if (tenure.signal.aborted || !activators.settled()) break;
      const atMs = life.clock.nowMs();
      tenure.feed({ type: 'ActivatorVanished', id: nextId(), atMs, instance });
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
  tenure: WatcherTenure,
  loss: LogLoss | undefined,
): void => {
  const { sight, deciders, partition, life } = watching;
  if (loss !== undefined) tellLoss(watching, tenure, loss);
  const onPlatform = (observation: Observation) =>
    observe(watching, tenure, { type: 'PlatformObserved', observation });
  let seesPlatform = false;
  deciders.subscribe((living) => {
    observe(watching, tenure, { type: 'DecidersObserved', deciders: living });
    if (!seesPlatform) sight.subscribe(partition, onPlatform, tenure.signal);
    seesPlatform = true;
  }, tenure.signal);
  lookForVanished(watching, tenure).catch((error: unknown) => life.crash(error));
};
