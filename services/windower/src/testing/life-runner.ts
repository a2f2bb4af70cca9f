/** Runs a life through the stage and a window store, with owners that die in between. */
import type { FlyballEvent } from '@flyball/contracts';
import {
  restoreWindower,
  snapshotWindower,
  step,
  type WindowerInput,
  type WindowerOutput,
  type WindowerState,
  windower,
} from '@flyball/domain';
import { systemClock } from '@flyball/service';
import type { StoredWindows, WindowStore } from '@flyball/window-store';
import { Registry } from 'prom-client';
import { createWindowerMetrics } from '../metrics.ts';
import { createStoreKeeper } from '../store-keeper.ts';
import { partition } from './random-life.ts';

const streamCreatedAt = '2026-01-01T00:00:00.000Z';
const writtenLimitMs = 10_000;
const pollMs = 2;

export interface LifeRun {
  /** What was said, in order; the minutes' averages are left to their own tests. */
  readonly said: readonly unknown[];
  /** Values in which a store and the memory of its owner differed when the owner died. */
  readonly differences: number;
  readonly stored: StoredWindows | undefined;
}

interface Owner {
  readonly state: WindowerState;
  readonly keeper: ReturnType<typeof createStoreKeeper>;
  /** Ends when everything is stored; the differences that are left. */
  die(): Promise<number>;
}

const own = (store: WindowStore, state: WindowerState, cursorSeq: number | undefined): Owner => {
  const stop = new AbortController();
  const keeper = createStoreKeeper({
    ...{ store, partition, streamCreatedAt, cursorSeq, state, clock: systemClock },
    cursorId: () => '',
    metrics: createWindowerMetrics(new Registry()),
    isOwner: () => true,
    signal: stop.signal,
    onStatus: () => undefined,
  });
  const running = keeper.run();
  return {
    state,
    keeper,
    die: async () => {
      const untilMs = performance.now() + writtenLimitMs;
      let differences = await keeper.check();
      while (differences === undefined) {
        if (performance.now() > untilMs) throw new Error('the store never had everything');
        await new Promise((resolve) => setTimeout(resolve, pollMs));
        differences = await keeper.check();
      }
      stop.abort();
      await running;
      return differences;
    },
  };
};

/** What a taker-over has: the snapshot as JSON, the stored seconds, the ticks that are owed. */
const takeOver = async (
  store: WindowStore,
  { state }: Owner,
  told: readonly WindowerInput[],
): Promise<Owner> => {
  const snapshot = JSON.parse(JSON.stringify(snapshotWindower(state)));
  const loaded = await store.load(partition);
  const restored = restoreWindower(partition, snapshot, loaded);
  for (const input of told) {
    if (input.type !== 'TickObserved' || input.seq < snapshot.ticksFromSeq) continue;
    windower.evolve(restored, input);
  }
  return own(store, restored, loaded?.cursorSeq);
};

const sayingOf = (output: WindowerOutput): unknown => {
  const { id, atMs, data } = output;
  return output.type === 'TickObserved' ? { id, atMs, data } : { id, atMs };
};

/** `deaths`: after how many inputs another owner takes over, on another connection. */
export const runLife = async (
  open: () => Promise<WindowStore>,
  life: readonly WindowerInput[],
  deaths: readonly number[],
): Promise<LifeRun> => {
  const said: unknown[] = [];
  const told: WindowerInput[] = [];
  let seq = 0;
  let differences = 0;
  let store = await open();
  let owner = own(store, windower.initialState(partition), 0);
  const tell = (input: WindowerInput): readonly WindowerOutput[] => {
    told.push(input);
    const { outputs } = step(windower, owner.state, input);
    if (input.type === 'SamplesReported') {
      const { data } = input as FlyballEvent<'SamplesReported'>;
      owner.keeper.changed(data.source, data.secondAtMs);
    }
    return outputs;
  };
  const inLog = <Event extends object>(event: Event): Event & { readonly seq: number } => {
    seq += 1;
    return { ...event, seq };
  };
  for (const [index, input] of life.entries()) {
    const isEvent = input.type !== 'TickDue' && input.type !== 'SamplesReported';
    for (const output of tell(isEvent ? inLog(input) : input)) {
      said.push(sayingOf(output));
      if (output.type === 'TickObserved') tell(inLog(output as FlyballEvent<'TickObserved'>));
    }
    if (!deaths.includes(index)) continue;
    differences += await owner.die();
    const next = await open();
    owner = await takeOver(next, owner, told);
    await store.close();
    store = next;
  }
  differences += await owner.die();
  const stored = await store.load(partition);
  await store.close();
  return { said, differences, stored };
};
