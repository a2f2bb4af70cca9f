/** The two stages of a partition, warm, and the time that each of them takes. */
import type { FlyballEvent, Policy, RecordedEvent, WorkloadKey } from '@flyball/contracts';
import {
  type DeciderOutput,
  decider,
  type RecordedMinute,
  type RecordedTick,
  type SampleBatch,
  step,
  type WindowerOutput,
  windower,
} from '@flyball/domain';
import { beginnings, createSource, partition, startMs } from './partition.ts';

const tickS = 2;
const tickOffsetMs = 200;

export interface TickInputs {
  readonly dueAtMs: number;
  readonly batches: readonly SampleBatch[];
}

/** What came of it, besides the ticks. */
export interface Recorder {
  onMinute(minute: RecordedMinute): void;
  onDecided(decided: FlyballEvent<'Decided'> & { readonly seq: number }): void;
}

export interface StagesOptions {
  readonly recorder?: Recorder;
  /** Five where nothing is said. */
  readonly podsPerWorkload?: number | undefined;
}

export interface Stages {
  /** Everything that was told before the first tick. */
  readonly events: readonly RecordedEvent[];
  /** Makes what the next tick needs, so that making it is not measured. */
  prepare(): TickInputs;
  /** The windower: its samples, its tick, and its own ticks again as the log gives them back. */
  observe(inputs: TickInputs): readonly RecordedTick[];
  decide(ticks: readonly RecordedTick[]): void;
}

/** Begins a partition under one policy; each tick follows on the one before. */
export const createStages = (
  workloads: readonly WorkloadKey[],
  policy: Partial<Policy>,
  { recorder, podsPerWorkload }: StagesOptions = {},
): Stages => {
  let windows = windower.initialState(partition);
  let decisions = decider.initialState(partition);
  let [seq, second] = [0, 0];
  const inLog = <Event extends object>(event: Event): Event & { readonly seq: number } => {
    seq += 1;
    return { ...event, seq };
  };
  const events = beginnings(workloads, policy, podsPerWorkload).map(
    (event) => inLog(event) as RecordedEvent,
  );
  for (const event of events) {
    windows = step(windower, windows, event).state;
    decisions = step(decider, decisions, event).state;
  }
  const source = createSource(workloads);
  const take = (outputs: readonly WindowerOutput[]): RecordedTick[] =>
    outputs.flatMap((output) => {
      if (output.type === 'MinuteRecorded') {
        recorder?.onMinute(output as RecordedMinute);
        return [];
      }
      return [inLog(output as FlyballEvent<'TickObserved'>)];
    });
  const told = (outputs: readonly DeciderOutput[]): void => {
    for (const output of outputs) {
      const stored = inLog(output);
      if (stored.type === 'Decided') recorder?.onDecided(stored as never);
    }
  };
  return {
    events,
    prepare: () => {
      const batches = Array.from({ length: tickS }, (_, at) => source(second + at));
      second += tickS;
      return { batches, dueAtMs: startMs + second * 1000 + tickOffsetMs };
    },
    observe: ({ batches, dueAtMs }) => {
      const ticks: RecordedTick[] = [];
      for (const input of [...batches, { type: 'TickDue', atMs: dueAtMs } as const]) {
        const stepped = step(windower, windows, input);
        windows = stepped.state;
        ticks.push(...take(stepped.outputs));
      }
      for (const tick of ticks) windows = step(windower, windows, tick).state;
      return ticks;
    },
    decide: (ticks) => {
      for (const tick of ticks) {
        const stepped = step(decider, decisions, tick);
        decisions = stepped.state;
        told(stepped.outputs);
      }
    },
  };
};
