/** Sees everything that is stored or written, as bytes, for the judges alone. */
import type { MemoryServer, StoredMessage } from '@flyball/event-log';
import type { ScaleRequest } from '@flyball/platform';
import type { Gateway, HeldTally } from './gateway.ts';

export interface SeenMessage extends StoredMessage {
  readonly stream: 'EVENTS' | 'MINUTES' | 'DEADLETTERS';
  readonly seenAtMs: number;
}

/** A write to the platform that was taken. */
export interface ScaleWrite {
  readonly workload: string;
  readonly from: number;
  readonly replicas: number;
  readonly resourceVersion: string;
  readonly atMs: number;
  /** EVENTS held so many messages by then, cut ones included. */
  readonly afterMessages: number;
}

export interface ActivatorRun {
  readonly incarnation: string;
  readonly tallies: ReadonlyMap<string, HeldTally>;
  killed: boolean;
}

export interface Observer {
  /** Everything that was ever stored, in that order; purged messages stay here. */
  readonly messages: readonly SeenMessage[];
  /** What a log without its tail forgot; still in `messages`. */
  readonly cut: ReadonlySet<SeenMessage>;
  readonly writes: readonly ScaleWrite[];
  readonly activators: readonly ActivatorRun[];
  noteScaled(request: ScaleRequest, from: number, resourceVersion: string): void;
  noteActivator(incarnation: string, gateway: Gateway): void;
  noteActivatorEnd(incarnation: string): void;
  /** Told just before a stream loses what is after `seq`. */
  noteCut(stream: 'EVENTS' | 'SAMPLES' | 'MINUTES', seq: number): void;
}

export const openObserver = (server: MemoryServer, nowMs: () => number): Observer => {
  const messages: SeenMessage[] = [];
  const cut = new Set<SeenMessage>();
  const writes: ScaleWrite[] = [];
  const activators: ActivatorRun[] = [];
  const watch = (stream: SeenMessage['stream']): void =>
    server.onStored(stream, (message) => {
      messages.push({ ...message, stream, seenAtMs: nowMs() });
    });
  for (const stream of ['EVENTS', 'MINUTES', 'DEADLETTERS'] as const) watch(stream);
  return {
    messages,
    cut,
    writes,
    activators,
    noteScaled: ({ workload, replicas }, from, resourceVersion) => {
      const afterMessages = messages.length;
      const place = { atMs: nowMs(), afterMessages };
      writes.push({ workload, from, replicas, resourceVersion, ...place });
    },
    noteActivator: (incarnation, { tallies }) =>
      void activators.push({ incarnation, tallies, killed: false }),
    noteActivatorEnd: (incarnation) => {
      for (const run of activators) if (run.incarnation === incarnation) run.killed = true;
    },
    noteCut: (stream, seq) => {
      for (const message of messages) {
        if (message.stream === stream && message.seq > seq) cut.add(message);
      }
    },
  };
};
