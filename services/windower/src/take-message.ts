/** Takes one stored message into the windower's state; a poison one is put aside. */
import { decodeEvent, decodeSamples } from '@flyball/contracts';
import { type SampleBatch, type WindowerOutput, windower } from '@flyball/domain';
import type { StoredMessage } from '@flyball/event-log';
import { appendDeadLetter, fenceAfter } from '@flyball/service';
import type { Tenure } from './tenure.ts';

const putAside = async (
  tenure: Tenure,
  stream: 'EVENTS' | 'SAMPLES',
  message: StoredMessage,
  reason: string,
): Promise<void> => {
  const { log, partition, clock, signal, metrics, life } = tenure;
  const { subject, seq } = message;
  metrics.deadLetters.inc();
  life.logger.error({ partition, subject, seq, reason }, 'a message was put aside');
  const atMs = clock.nowMs();
  const poison = {
    stage: 'windower',
    partition,
    stream,
    message,
    code: 'LOG_CORRUPT',
    reason,
    atMs,
  };
  await appendDeadLetter(log.deadLetters, poison, { clock, signal });
};

/** Folds an event of the partition; nothing is decided on one. */
export const takeEvent = async (tenure: Tenure, message: StoredMessage): Promise<void> => {
  const decoded = decodeEvent(message.body, message.subject, message.seq);
  const isOwn = message.subject.endsWith('.ticks');
  const toldHere = tenure.told.delete(message.id);
  if (isOwn && !toldHere && message.seq > (tenure.ticks.fence(message.subject)?.seq ?? 0)) {
    tenure.ticks.note(message.subject, fenceAfter(message));
  }
  if (decoded.ok) tenure.state = windower.evolve(tenure.state, decoded.event);
  else await putAside(tenure, 'EVENTS', message, decoded.reason);
  tenure.eventId = message.id;
  tenure.metrics.inputs.inc({ partition: tenure.partition });
};

export const readBatch = async (
  tenure: Tenure,
  message: StoredMessage,
): Promise<SampleBatch | undefined> => {
  const decoded = decodeSamples(message.body, message.subject, message.seq);
  if (decoded.ok) return { ...decoded.event, receivedAtMs: message.storedAtMs };
  await putAside(tenure, 'SAMPLES', message, decoded.reason);
  return undefined;
};

export type TickEvent = Extract<WindowerOutput, { type: 'TickObserved' }>;
