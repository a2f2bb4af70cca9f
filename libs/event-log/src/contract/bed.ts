/** What an adapter brings so that the contract can be run on it. */
import type { MonotonicClock } from '../clock.ts';
import type { Append, EventLog, StoredMessage } from '../event-log.ts';

export interface BedOptions {
  readonly duplicateWindowMs?: number;
  readonly eventsMaxAgeMs?: number;
}

/** One server with its streams made, and time that can be let pass. */
export interface ContractBed extends AsyncDisposable {
  /** A further connection, for a rival or a reader. */
  connect(): Promise<EventLog>;
  readonly clock: MonotonicClock;
  /** Lets this much time pass: by waiting, or at once where time is simulated. */
  pass(durationMs: number): Promise<void>;
}

export interface Contract {
  /** The adapter and its version, for the titles of the tests. */
  readonly name: string;
  open(options?: BedOptions): Promise<ContractBed>;
}

/** A subject of its own for each use: tests may share a server. */
export const subjectOf = (workload: string, pen = 'decisions', partition = 0): string =>
  `flyball.events.${partition}.default.${workload}.${pen}`;

/** A message with a body that tells it from others. */
export const messageOf = (
  subject: string,
  id: string,
  expectedLastSeq?: number,
  body = `{"id":"${id}"}`,
): Append => ({
  subject,
  id,
  body,
  ...(expectedLastSeq === undefined ? {} : { expectedLastSeq }),
});

/** Appends and returns the sequence; fails unless it was stored. */
export const storedSeq = async (log: EventLog, message: Append): Promise<number> => {
  const result = await log.events.append(message);
  if (result.kind !== 'stored') throw new Error(`${message.id}: ${JSON.stringify(result)}`);
  return result.seq;
};

/** Takes messages out of a reader until `count` have come, or the reader ends. */
export const takeMessages = async (
  batches: AsyncIterable<readonly StoredMessage[]>,
  count = Number.POSITIVE_INFINITY,
): Promise<readonly StoredMessage[]> => {
  const taken: StoredMessage[] = [];
  for await (const batch of batches) {
    taken.push(...batch);
    if (taken.length >= count) break;
  }
  return taken;
};
