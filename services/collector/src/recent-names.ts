/** Names that are forgotten when they were not noted again for some time, or are too many. */

/** Beyond this many, those that were noted longest ago are forgotten. */
const namesMax = 10_000;

export interface RecentNames<Value> {
  note(name: string, value: Value): void;
  /** Undefined: not noted, or forgotten. */
  get(name: string): Value | undefined;
  forget(name: string): void;
  readonly size: () => number;
}

export const createRecentNames = <Value>(
  keptMs: number,
  monotonicMs: () => number,
): RecentNames<Value> => {
  // In the order in which they were noted: the oldest stand in front.
  const names = new Map<string, { readonly value: Value; readonly notedAtMs: number }>();
  const forgetOld = (): void => {
    for (const [name, { notedAtMs }] of names) {
      if (names.size <= namesMax && notedAtMs > monotonicMs() - keptMs) return;
      names.delete(name);
    }
  };
  return {
    note: (name, value) => {
      names.delete(name);
      names.set(name, { value, notedAtMs: monotonicMs() });
      forgetOld();
    },
    get: (name) => {
      forgetOld();
      return names.get(name)?.value;
    },
    forget: (name) => void names.delete(name),
    size: () => {
      forgetOld();
      return names.size;
    },
  };
};
