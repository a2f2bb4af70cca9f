/** Panic: how it is entered, extended and left, and the most that was wanted in it. */
import type { Policy } from '@flyball/contracts';
import type { Memory } from '../workload-state.ts';

export type Panic = Pick<Memory, 'panicSinceMs' | 'panicOverAtMs' | 'panicMax'>;

export interface PanicSign {
  readonly atMs: number;
  /** The load is over the panic threshold now. */
  readonly over: boolean;
  /** The most pods that any measure wants now. */
  readonly pods: number;
  /** Pods that were asked for are starting, and panic waits for them. */
  readonly waits: boolean;
}

const calm: Panic = { panicSinceMs: null, panicOverAtMs: null, panicMax: 0 };

/** How long panic outlasts the last time over: by then the surge has reached the stable average. */
const outlastsMs = ({ stableWindowMs, progressDeadlineMs }: Policy, waits: boolean): number =>
  waits ? Math.max(stableWindowMs, progressDeadlineMs) : stableWindowMs;

/**
 * Over the threshold enters or extends panic. It is left when strictly more than one stable window
 * has passed since the last time over; where it waits for pods, when they are up or are given up.
 */
export const afterPanic = (before: Panic, policy: Policy, sign: PanicSign): Panic => {
  const { atMs, over, pods, waits } = sign;
  const overAtMs = over ? atMs : before.panicOverAtMs;
  if (overAtMs === null) return before;
  if (!over && overAtMs + outlastsMs(policy, waits) < atMs) return calm;
  return {
    panicSinceMs: before.panicSinceMs ?? atMs,
    panicOverAtMs: overAtMs,
    panicMax: Math.max(before.panicMax, pods),
  };
};

/** In panic only because pods are starting: by time alone it would be over. */
export const isWaiting = (panic: Panic, policy: Policy, atMs: number): boolean =>
  panic.panicOverAtMs !== null && panic.panicOverAtMs + policy.stableWindowMs < atMs;

/** Knative's only protection against lost history: one made with pods running starts in panic. */
export const panicAtStart = (pods: number, atMs: number): Panic =>
  pods > 1
    ? { panicSinceMs: atMs, panicOverAtMs: atMs, panicMax: pods }
    : { ...calm, panicMax: pods };
