/** Puts a message aside that cannot be taken, so that its partition goes on. */
import {
  deadLetterBodyMax,
  deadLettersSubject,
  encodeUnchained,
  type FlyballEvent,
} from '@flyball/contracts';
import type { EventLog, EventStream, StoredMessage } from '@flyball/event-log';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { type RetryOptions, retryOutside } from './retry.ts';
import type { StageMetrics } from './stage-metrics.ts';

/** Inputs on which a stage threw, at most: more, and it is the stage that is broken. */
export const brokenInputsMax = 100;

export interface PoisonMessage {
  readonly stage: string;
  readonly partition: number;
  /** The stream in which it is: EVENTS or SAMPLES. */
  readonly stream: string;
  readonly message: Pick<StoredMessage, 'seq' | 'subject' | 'body'>;
  readonly code: string;
  readonly reason: string;
  /** What the stage's state was folded after; empty for none. */
  readonly refoldId: string;
  /** When it was found, UTC ms. */
  readonly atMs: number;
}

const reasonMax = 4_096;

/**
 * The event that says so; its id follows from stage and place, so that it is told once, and once
 * more after each request to try again.
 */
export const deadLetterOf = (poison: PoisonMessage): FlyballEvent<'DeadLettered'> => {
  const { stage, partition, stream, message, code, reason, refoldId, atMs } = poison;
  const again = refoldId === '' ? '' : `:${refoldId}`;
  return {
    id: `${stream}-${message.seq}:${stage}:deadLetters:${partition}${again}`,
    type: 'DeadLettered',
    partition,
    pen: 'deadLetters',
    source: `/flyball/${stage}`,
    atMs,
    data: {
      stage,
      stream,
      subject: message.subject,
      seq: message.seq,
      code,
      reason: reason.slice(0, reasonMax),
      body: message.body.slice(0, deadLetterBodyMax),
      truncated: message.body.length > deadLetterBodyMax,
    },
  };
};

/** Appends the dead letter; retries until it is stored or the signal aborts. */
export const appendDeadLetter = async (
  deadLetters: EventStream,
  poison: PoisonMessage,
  retry: RetryOptions,
): Promise<void> => {
  const event = deadLetterOf(poison);
  const subject = deadLettersSubject(poison.partition, poison.stage);
  const message = { subject, id: event.id, body: encodeUnchained(event) };
  await retryOutside(() => deadLetters.append(message), retry);
};

export interface PutAsideOptions {
  readonly log: EventLog;
  readonly stage: { readonly stage: { readonly name: string } };
  readonly partition: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly metrics: Pick<StageMetrics, 'deadLetters'>;
  readonly refoldId: string;
}

/** Puts a message of EVENTS aside: counted, logged, and in the dead letters. */
export const putAside = async (
  options: PutAsideOptions,
  message: StoredMessage,
  code: string,
  reason: string,
): Promise<void> => {
  const { log, partition, clock, signal, metrics, logger, refoldId } = options;
  const { subject, seq } = message;
  metrics.deadLetters.inc({ code });
  logger.error({ partition, subject, seq, code, reason }, 'a message was put aside');
  const stage = options.stage.stage.name;
  const atMs = clock.nowMs();
  const place = { stage, partition, stream: 'EVENTS', message };
  const poison = { ...place, code, reason, refoldId, atMs };
  await appendDeadLetter(log.deadLetters, poison, { clock, signal });
};
