/** The window store in memory: for tests, the simulator, and the same digits as Redis gives. */
import type { SourceSecond } from '@flyball/domain';
import type { WindowCursor, WindowStore, WindowWrite } from './window-store.ts';

export interface MemoryWindows {
  /** Another connection to the same seconds. */
  open(): WindowStore;
  /** Loses everything, as FLUSHALL does. */
  flush(): void;
}

interface Partition {
  cursorSeq: number;
  cursorId: string;
  streamCreatedAt: string;
  readonly seconds: Map<string, SourceSecond>;
}

const copyOf = (second: SourceSecond): SourceSecond => ({
  ...second,
  workloads: [...second.workloads],
  concurrencyMilli: second.concurrencyMilli.slice(),
  requestsMilli: second.requestsMilli.slice(),
});

const writeInto = (held: Partition, windows: WindowWrite): void => {
  for (const [place, { secondAtMs }] of held.seconds) {
    if (secondAtMs < windows.keepFromMs) held.seconds.delete(place);
  }
  for (const second of windows.seconds) {
    if (second.secondAtMs < windows.keepFromMs) continue;
    held.seconds.set(`${second.secondAtMs}:${second.source}`, copyOf(second));
  }
  held.cursorSeq = windows.cursorSeq;
  held.cursorId = windows.cursorId;
  held.streamCreatedAt = windows.streamCreatedAt;
};

const cursorOf = ({ cursorSeq, cursorId, streamCreatedAt }: Partition): WindowCursor => ({
  cursorSeq,
  cursorId,
  streamCreatedAt,
});

/** Seconds that live as long as this process. */
export const createMemoryWindows = (): MemoryWindows => {
  const partitions = new Map<number, Partition>();
  const open = (): WindowStore => ({
    load: async (partition) => {
      const held = partitions.get(partition);
      return held && { ...cursorOf(held), seconds: [...held.seconds.values()].map(copyOf) };
    },
    cursor: async (partition) => {
      const held = partitions.get(partition);
      return held && cursorOf(held);
    },
    write: async (partition, expectedCursorSeq, windows) => {
      const held = partitions.get(partition) ?? {
        ...{ cursorSeq: 0, cursorId: '', streamCreatedAt: '' },
        seconds: new Map(),
      };
      if (held.cursorSeq !== expectedCursorSeq) return false;
      writeInto(held, windows);
      partitions.set(partition, held);
      return true;
    },
    clear: async (partition) => {
      partitions.delete(partition);
    },
    close: async () => {},
  });
  return { open, flush: () => partitions.clear() };
};
