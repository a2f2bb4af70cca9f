/** What the makers of spans are told about a doing: when it was, and where its message lies. */
import type { Attributes, AttributeValue } from '../finished-span.ts';

export interface Doing {
  /** UTC milliseconds, fractions allowed. */
  readonly startMs: number;
  /** Never before `startMs`: an earlier one counts as it. */
  readonly endMs: number;
}

/** Where a message is stored. */
export interface Stored {
  /** Its sequence in its stream. */
  readonly seq: number;
}

/** Without what is null: an attribute that says nothing is not set. */
export const attributesOf = (
  given: Readonly<Record<string, AttributeValue | null | undefined>>,
): Attributes => {
  const set: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && value !== undefined) set[name] = value;
  }
  return set;
};

/** Times of which the second is never before the first. */
export const timesOf = ({ startMs, endMs }: Doing): Doing => ({
  startMs,
  endMs: Math.max(startMs, endMs),
});

/** The attributes of a message on NATS, in OpenTelemetry's words and ours. */
export const messageAttributes = (message: {
  readonly operation: 'send' | 'process';
  readonly subject: string;
  readonly template: string;
  readonly partition: number;
  readonly stream: string;
  readonly messageId: string;
  readonly seq: number | null;
}): Attributes =>
  attributesOf({
    'messaging.system': 'nats',
    'messaging.operation.name': message.operation,
    'messaging.operation.type': message.operation,
    'messaging.destination.name': message.subject,
    'messaging.destination.template': message.template,
    'messaging.destination.partition.id': String(message.partition),
    'messaging.message.id': message.messageId,
    'nats.stream': message.stream,
    'nats.sequence': message.seq,
    'flyball.partition': message.partition,
  });
