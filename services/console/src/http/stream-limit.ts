/** How many streams are open at once: each costs a connection and some memory. */
import type { BrowserStream } from './browser-stream.ts';

export interface StreamLimit {
  /** False: there are as many as there may be. */
  hasRoom(): boolean;
  /** Counts it until it is closed. */
  add(stream: BrowserStream): void;
  open(): number;
  /** Ends all of them. */
  endAll(): void;
}

export const createStreamLimit = (most: number): StreamLimit => {
  const streams = new Set<BrowserStream>();
  return {
    hasRoom: () => streams.size < most,
    add: (stream) => {
      streams.add(stream);
      stream.closed.addEventListener('abort', () => streams.delete(stream), { once: true });
    },
    open: () => streams.size,
    endAll: () => {
      for (const stream of streams) stream.end();
    },
  };
};
