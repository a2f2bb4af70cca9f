/** Judges the log by its bytes; it shares no code with what wrote it. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { StoredMessage } from './raw-log.ts';
import { digestOf, isTransport, type Witnessed } from './witness.ts';

const chainStart = '0'.repeat(64);
const chainMember = /,"chain":"([0-9a-f]{64})"\}$/;

const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  source: z.string(),
  causationid: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
});

export interface JudgedEvent extends z.infer<typeof eventSchema> {
  readonly seq: number;
  /** The NATS subject. */
  readonly on: string;
  readonly storedAtMs: number;
}

export const readEvents = (messages: readonly StoredMessage[]): readonly JudgedEvent[] =>
  messages.map(({ seq, subject, body, storedAtMs }) => ({
    ...eventSchema.parse(JSON.parse(body)),
    seq,
    on: subject,
    storedAtMs,
  }));

export const isOf = ({ type }: JudgedEvent, name: string): boolean =>
  type.startsWith(`dev.flyball.${name}.v`);

/** Links that do not hold: something before was lost, doubled, changed or moved. */
export const chainBreaks = (messages: readonly StoredMessage[]): readonly string[] => {
  const last = new Map<string, string>();
  return messages.flatMap(({ seq, subject, body }) => {
    const chain = chainMember.exec(body)?.[1] ?? '';
    const before = last.get(subject) ?? (isTransport(subject) ? undefined : chainStart);
    last.set(subject, chain);
    // Purged from its front, it begins in the middle.
    if (before === undefined) return [];
    const text = body.replace(chainMember, '}');
    const expected = createHash('sha256').update(`${before}\n${text}`).digest('hex');
    return chain === expected ? [] : [`${subject} at ${seq} does not follow what is before it`];
  });
};

const repeated = (keys: readonly string[]): readonly string[] => {
  const once = new Set<string>();
  return keys.filter((key) => {
    const isRepeated = once.has(key);
    once.add(key);
    return isRepeated;
  });
};

export const doubledIds = (events: readonly JudgedEvent[]): readonly string[] =>
  repeated(events.map(({ id }) => id)).map((id) => `${id} is recorded twice`);

/** One input leads to at most one decision of a workload, one decision to one applied scale. */
export const doubledEffects = (events: readonly JudgedEvent[]): readonly string[] => {
  const decided = events.filter((event) => isOf(event, 'decided'));
  const applied = events.filter(
    (event) => isOf(event, 'scale-applied') && event.data.because === 'decided',
  );
  return [
    ...repeated(decided.map(({ on, causationid }) => `${on} decided for ${causationid}`)),
    ...repeated(applied.map(({ on, data }) => `${on} applied ${String(data.decisionId)}`)),
  ].map((what) => `twice: ${what}`);
};

/** Each decision goes on from the one before it: no fork, no hole. */
export const decisionForks = (events: readonly JudgedEvent[]): readonly string[] => {
  const last = new Map<string, unknown>();
  return events
    .filter((event) => isOf(event, 'decided'))
    .flatMap(({ on, seq, data }) => {
      const before = last.get(on) ?? null;
      last.set(on, data.to);
      return data.from === before
        ? []
        : [`${on} at ${seq} goes on from ${String(data.from)}, not ${String(before)}`];
    });
};

export interface Memory {
  readonly seen: ReadonlyMap<number, Witnessed>;
  readonly replaced: readonly Witnessed[];
  /** When the reading of the log began: what was stored later may be missing from it. */
  readonly readAtMs: number;
}

/** What was in the log once and is not any more, or is not what it was. */
export const lostFrom = (
  messages: readonly StoredMessage[],
  { seen, replaced, readAtMs }: Memory,
): readonly Witnessed[] => {
  const present = new Map(messages.map((message) => [message.seq, message]));
  const lastSeq = messages.at(-1)?.seq ?? 0;
  const gone = [...seen.values()].filter(({ seq, subject, digest, storedAtMs }) => {
    if (storedAtMs >= readAtMs) return false;
    const found = present.get(seq);
    if (found === undefined) return seq > lastSeq || !isTransport(subject);
    return found.subject !== subject || digestOf(found.body) !== digest;
  });
  return [...replaced, ...gone];
};

/** Sequences that are missing although nobody may have taken them out. */
export const unexplainedGaps = (
  messages: readonly StoredMessage[],
  { seen }: Memory,
): readonly string[] => {
  const missing: number[] = [];
  messages.forEach(({ seq }, index) => {
    const before = messages[index - 1]?.seq ?? seq - 1;
    for (let gap = before + 1; gap < seq; gap += 1) missing.push(gap);
  });
  return missing
    .filter((seq) => !isTransport(seen.get(seq)?.subject ?? ''))
    .map((seq) => `sequence ${seq} is missing`);
};
