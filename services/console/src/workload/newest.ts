/** A list that keeps its newest entries. */

export interface Newest<Entry> {
  push(entry: Entry): void;
  all(): readonly Entry[];
  /** Older ones had to go. */
  readonly isCut: boolean;
}

/** Keeps the newest `most`, and for a while up to twice as many. */
export const createNewest = <Entry>(most: number): Newest<Entry> => {
  let entries: Entry[] = [];
  let isCut = false;
  return {
    push: (entry) => {
      entries.push(entry);
      if (entries.length < 2 * most) return;
      entries = entries.slice(-most);
      isCut = true;
    },
    all: () => entries,
    get isCut() {
      return isCut;
    },
  };
};
