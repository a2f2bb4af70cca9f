/** Hours of one busy workload, recorded in minutes and decided again from them. */
import type { FlyballEvent } from '@flyball/contracts';
import {
  type RecordedMinute,
  type RecordedTick,
  replayInputs,
  verifyDecisions,
  type WorkloadHistory,
} from '@flyball/domain';
import { workloadsOf } from './partition.ts';
import { createStages, type Recorder } from './stages.ts';

const secondsPerHour = 3_600;
const tickSeconds = 2;
/** The last minutes are not recorded yet: their ticks are still on the partition's subject. */
const tailTicks = 300;

export const hoursOfDay = 24;

export const ticksOf = (hours: number): number => (hours * secondsPerHour) / tickSeconds;

export interface Past {
  readonly history: WorkloadHistory;
  readonly decided: readonly FlyballEvent<'Decided'>[];
}

/** Lives through so many hours. */
export const recordHours = (hours: number): Past => {
  const count = ticksOf(hours);
  const minutes: RecordedMinute[] = [];
  const decided: FlyballEvent<'Decided'>[] = [];
  const ticks: RecordedTick[] = [];
  const [workload = 'load/service-0'] = workloadsOf(1);
  const recorder: Recorder = {
    onMinute: (minute) => void minutes.push(minute),
    onDecided: (decision) => void decided.push(decision),
  };
  const stages = createStages([workload], {}, { recorder });
  for (let tick = 0; tick < count; tick += 1) {
    const observed = stages.observe(stages.prepare());
    stages.decide(observed);
    if (tick >= count - tailTicks) ticks.push(...observed);
  }
  return { history: { workload, events: stages.events, minutes, ticks }, decided };
};

/** Decides it again: how long it takes, ms. Throws when anything is decided differently. */
export const redecide = ({ history, decided }: Past): { tookMs: number; processorMs: number } => {
  const beganMs = performance.now();
  const before = process.cpuUsage();
  const differences = verifyDecisions(replayInputs(history), decided);
  const { user, system } = process.cpuUsage(before);
  const tookMs = performance.now() - beganMs;
  if (differences.length > 0) {
    const [first] = differences;
    throw new Error(`${differences.length} decisions differ; first ${JSON.stringify(first)}`);
  }
  return { tookMs, processorMs: (user + system) / 1_000 };
};
