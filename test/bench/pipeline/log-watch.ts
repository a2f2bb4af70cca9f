/** Sees every event as it comes, with the moment at which NATS stored it. */
import {
  type AnyEvent,
  allEventsFilter,
  decodeEvent,
  type EventName,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';

export interface SeenEvent {
  readonly event: RecordedEvent;
  /** When the server stored it, UTC ms, whole. */
  readonly storedAtMs: number;
}

type EventOf<Name extends EventName> = Extract<AnyEvent, { type: Name }>;

export interface SeenOf<Name extends EventName> extends SeenEvent {
  readonly event: EventOf<Name> & { readonly seq: number };
}

export interface WaitFor<Name extends EventName> {
  readonly type: Name;
  readonly workload: WorkloadKey;
  readonly matches?: (event: EventOf<Name>) => boolean;
  readonly limitMs: number;
}

export interface LogWatch {
  /** Calls the listener with each event from now on; the returned function ends that. */
  follow(listener: (seen: SeenEvent) => void): () => void;
  /** The next such event from now on. Rejects when the limit is over. */
  next<Name extends EventName>(wanted: WaitFor<Name>): Promise<SeenOf<Name>>;
  /** Ends the reading: idle means that nobody reads along. */
  stop(): void;
}

const isWanted = <Name extends EventName>(
  seen: SeenEvent,
  { type, workload, matches }: WaitFor<Name>,
): seen is SeenOf<Name> => {
  const { event } = seen;
  if (event.type !== type || event.workload !== workload) return false;
  return matches === undefined || matches(event as unknown as EventOf<Name>);
};

/** Watches from the end of the log on. */
export const watchLog = async (log: EventLog): Promise<LogWatch> => {
  const listeners = new Set<(seen: SeenEvent) => void>();
  const stopping = new AbortController();
  const { lastSeq } = await log.events.state();
  const read = async (): Promise<void> => {
    const options = { filter: allEventsFilter, afterSeq: lastSeq, signal: stopping.signal };
    for await (const messages of log.events.read(options)) {
      for (const { body, subject, seq, storedAtMs } of messages) {
        const decoded = decodeEvent(body, subject, seq);
        if (!decoded.ok) continue;
        for (const listener of [...listeners]) listener({ event: decoded.event, storedAtMs });
      }
    }
  };
  // Whoever waits for an event is told by his own limit.
  read().catch(() => undefined);
  const follow = (listener: (seen: SeenEvent) => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    follow,
    stop: () => stopping.abort(),
    next: (wanted) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          unfollow();
          const { type, workload, limitMs } = wanted;
          reject(new Error(`no ${type} of ${workload} within ${limitMs} ms`));
        }, wanted.limitMs);
        const unfollow = follow((seen) => {
          if (!isWanted(seen, wanted)) return;
          clearTimeout(timer);
          unfollow();
          resolve(seen);
        });
      }),
  };
};
