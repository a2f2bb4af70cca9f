/** The dead letters that nobody has settled, folded from DEADLETTERS. */
import { decodeDeadLetter, type RecordedEvent } from '@flyball/contracts';
import type { EventLog, StoredMessage } from '@flyball/event-log';
import { readWhole } from '@flyball/reading';

/** A message that a stage put aside, and what people need to judge it. */
export interface OpenLetter {
  /** How people name it: its place in DEADLETTERS. */
  readonly id: string;
  /** The DeadLettered. */
  readonly letterId: string;
  readonly atMs: number;
  readonly stage: string;
  readonly partition: number;
  /** Where the message came from. */
  readonly stream: string;
  readonly subject: string;
  readonly seq: number;
  readonly code: string;
  readonly reason: string;
  /** The message is longer than what is kept of it here. */
  readonly truncated: boolean;
}

type Letter = Extract<RecordedEvent, { type: 'DeadLettered' }>;
type Answer = Extract<RecordedEvent, { type: 'DeadLetterRetried' | 'DeadLetterDropped' }>;

/** Of the body, what tells it from another message that once had the same place. */
const bodyStart = 512;

/** One message and one stage: it may be put aside again after each recovery of the stage. */
const placeOf = ({ partition, data }: Letter): string =>
  JSON.stringify([
    ...[partition, data.stage, data.stream, data.subject, data.seq],
    ...[data.body.length, data.body.slice(0, bodyStart)],
  ]);

const openLetterOf = (event: Letter): OpenLetter => {
  const { body: _, ...told } = event.data;
  const { id: letterId, atMs, partition } = event;
  return { id: String(event.seq), letterId, atMs, partition, ...told };
};

interface Folded {
  readonly open: Map<string, OpenLetter>;
  /** What is let go stays so, also when it is put aside again. */
  readonly dropped: Set<string>;
  /** Places by the letter's own: what an answer names. */
  readonly places: Map<string, string>;
}

const foldLetter = ({ open, dropped, places }: Folded, event: Letter): void => {
  const place = placeOf(event);
  places.set(`${event.seq} ${event.id}`, place);
  if (dropped.has(place) || open.has(place)) return;
  open.set(place, openLetterOf(event));
};

const foldAnswer = ({ open, dropped, places }: Folded, { type, data }: Answer): void => {
  const place = places.get(`${data.letterSeq} ${data.letterId}`);
  if (place === undefined) return;
  open.delete(place);
  if (type === 'DeadLetterDropped') dropped.add(place);
};

export interface OpenLetters {
  /** Oldest first. */
  readonly letters: readonly OpenLetter[];
  /** Messages of DEADLETTERS that this version cannot read. */
  readonly unread: number;
}

/** Reads DEADLETTERS through; throws OutsideError. */
export const readOpenLetters = async (log: EventLog, signal: AbortSignal): Promise<OpenLetters> => {
  const folded: Folded = { open: new Map(), dropped: new Set(), places: new Map() };
  let unread = 0;
  const take = ({ body, subject, seq }: StoredMessage): void => {
    const decoded = decodeDeadLetter(body, subject, seq);
    if (!decoded.ok) unread += 1;
    else if (decoded.event.type === 'DeadLettered') foldLetter(folded, decoded.event);
    else foldAnswer(folded, decoded.event as Answer);
  };
  const reading = { filter: 'flyball.deadletters.>', afterSeq: 0, signal };
  for await (const batch of readWhole(log.deadLetters, reading)) batch.forEach(take);
  const letters = [...folded.open.values()].sort((one, other) => Number(one.id) - Number(other.id));
  return { letters, unread };
};

/** The message as far as it was kept; undefined when the letter has aged out. */
export const bodyOfLetter = async (
  log: EventLog,
  { id, letterId }: OpenLetter,
): Promise<string | undefined> => {
  const stored = await log.deadLetters.at(Number(id));
  if (stored === undefined) return undefined;
  const decoded = decodeDeadLetter(stored.body, stored.subject, stored.seq);
  if (!decoded.ok || decoded.event.type !== 'DeadLettered') return undefined;
  return decoded.event.id === letterId ? decoded.event.data.body : undefined;
};
