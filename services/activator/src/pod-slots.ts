/** Which slots of each pod are this activator's, while several share them. */
import { type SharedPod, type Shares, sharesOf, type WorkloadRoute } from '@flyball/domain';

/** Who shares, and the time in which turns are taken. */
export interface SlotSharing {
  readonly self: string;
  /** Every activator that lives. */
  readonly activators: () => readonly string[];
  /** Runs a task once; the returned function calls it off. */
  readonly after: (delayMs: number, task: () => void) => () => void;
}

/** What an upstream remembers of its shares. */
export interface SlotState {
  /** Slots are taken in turns, and nobody waits here: it has none until somebody does. */
  asleep: boolean;
  cancelChange: () => void;
}

export const initialSlotState = (): SlotState => ({
  asleep: false,
  cancelChange: () => undefined,
});

/** The pods that may take requests; everybody who has read the log as far knows the same. */
const sharedPods = (route: WorkloadRoute): SharedPod[] =>
  Object.entries(route.pods).flatMap(([id, pod]) => {
    if (pod.address === null || pod.closed) return [];
    const { appearedAtMs, guarded } = pod;
    return [{ id, appearedAtMs, readyAtMs: pod.ready ? pod.readyAtMs : null, guarded }];
  });

export interface SlotsWanted {
  readonly route: WorkloadRoute;
  readonly sharing: SlotSharing | undefined;
  readonly nowMs: number;
  readonly isWaiting: boolean;
  /** To be called when the slots have changed although nothing happened. */
  readonly onChange: () => void;
}

/**
 * This activator's slots of each pod; null: all of them are its own. Turns are only taken while
 * somebody waits, so that workloads at rest cost nothing.
 */
export const slotsOf = (
  state: SlotState,
  { route, sharing, nowMs, isWaiting, onChange }: SlotsWanted,
): Shares['slots'] | null => {
  state.cancelChange();
  state.asleep = false;
  const limit = route.policy?.containerConcurrency ?? 0;
  if (sharing === undefined || limit === 0) return null;
  const { self, activators, after } = sharing;
  const shares = sharesOf(sharedPods(route), { self, activators: activators(), limit, nowMs });
  if (shares === null) return null;
  state.asleep = shares.inTurns && !isWaiting;
  if (state.asleep) return new Map();
  if (shares.changesAtMs !== null) {
    state.cancelChange = after(Math.max(1, shares.changesAtMs - nowMs), onChange);
  }
  return shares.slots;
};
