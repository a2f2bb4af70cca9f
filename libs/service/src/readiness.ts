/** Why a service is ready or not: named conditions, all of which must hold. */

export interface ConditionState {
  readonly name: string;
  readonly ok: boolean;
  /** Why not, or since what; one sentence. */
  readonly reason: string;
}

/** One condition; it begins as not ok. */
export interface Condition {
  set(ok: boolean, reason: string): void;
}

export interface Readiness {
  /** Adds a condition, or gives back the one of that name. */
  condition(name: string): Condition;
  states(): readonly ConditionState[];
  ready(): boolean;
}

export const createReadiness = (): Readiness => {
  const states = new Map<string, ConditionState>();
  return {
    condition: (name) => {
      if (!states.has(name)) states.set(name, { name, ok: false, reason: 'not known yet' });
      return { set: (ok, reason) => void states.set(name, { name, ok, reason }) };
    },
    states: () => [...states.values()],
    ready: () => [...states.values()].every((state) => state.ok),
  };
};
