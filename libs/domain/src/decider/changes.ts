/** What of an evaluation is worth a decision: number, mode, routing, or a new reason. */
import type { FlyballEvent } from '@flyball/contracts';
import type { Assessment } from './assessment.ts';
import type { WorkloadState } from './workload-state.ts';

type Change = FlyballEvent<'Decided'>['data']['changed'][number];

export interface Changes {
  readonly now: readonly Change[];
  /** A new reason that is not recorded yet: it must last first. */
  readonly later: boolean;
}

/** A reason that comes and goes with the load must stand out this long before it is recorded. */
const reasonIntervalMs = 10_000;

/** Rules whose say is the load's, or its absence's: moving among them is no new reason. */
const loadRules: ReadonlySet<string> = new Set([
  'need',
  'tolerance',
  'rate-up',
  'rate-down',
  'activation-scale',
  'panic',
  'burst',
  'panic-hold',
  'to-zero',
  'hold-unobserved',
]);

/** Kinds that alternate with the load, and so are recorded at most once an interval. */
const wavering: ReadonlySet<string> = new Set([
  'load',
  'scale-down-delay',
  'min-scale',
  'max-scale',
  'stable-window',
  'hold-gap',
]);

const kindOf = (binding: string): string => (loadRules.has(binding) ? 'load' : binding);

export const bindingOf = (found: Assessment): string => found.path.at(-1)?.rule ?? 'need';

/** Compares an evaluation with the last decision. */
export const changesOf = (workload: WorkloadState, found: Assessment): Changes => {
  const { last, asked } = workload;
  if (last === null) return { now: ['replicas', 'mode', 'routing', 'reason'], later: false };
  const now: Change[] = [];
  // A wake has asked for others than were decided last.
  if (found.to !== last.to || found.to !== asked) now.push('replicas');
  if (found.mode !== last.mode) now.push('mode');
  if (found.routing !== last.routing) now.push('routing');
  const [before, after] = [kindOf(last.binding), kindOf(bindingOf(found))];
  if (before === after) return { now, later: false };
  const wavers = wavering.has(before) && wavering.has(after);
  const due = !wavers || found.atMs - last.atMs >= reasonIntervalMs;
  if (due || now.length > 0) now.push('reason');
  return { now, later: now.length === 0 };
};
