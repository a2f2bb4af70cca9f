/** Takes one stored message into the windower's state; a poison one is put aside. */
import {
  type Decoded,
  decodeEvent,
  decodeSamples,
  type FlyballEvent,
  penOfSubject,
} from '@flyball/contracts';
import { passByEvent, type SampleBatch, windower, windowerPassesBy } from '@flyball/domain';
import type { StoredMessage } from '@flyball/event-log';
import { appendDeadLetter, fenceAfter } from '@flyball/service';
import { fence, type Tenure } from './tenure.ts';

type StreamName = 'EVENTS' | 'SAMPLES' | 'MINUTES';

const putAside = async (
  tenure: Tenure,
  stream: StreamName,
  message: StoredMessage,
  { code, reason }: { readonly code: string; readonly reason: string },
): Promise<void> => {
  const { log, partition, clock, signal, metrics, life, refoldId } = tenure;
  const { subject, seq } = message;
  metrics.deadLetters.inc({ code });
  life.logger.error({ partition, subject, seq, code, reason }, 'a message was put aside');
  const atMs = clock.nowMs();
  const place = { stage: 'windower', partition, stream, message };
  const poison = { ...place, code, reason, refoldId, atMs };
  await appendDeadLetter(log.deadLetters, poison, { clock, signal });
};

/** The state may be half changed by a message on which the stage throws: it is made anew. */
export const guarded = async (
  tenure: Tenure,
  stream: StreamName,
  message: StoredMessage,
  take: () => void,
): Promise<void> => {
  const place = `${stream} ${message.seq}`;
  if (tenure.broken.has(place)) return;
  try {
    take();
  } catch (error) {
    tenure.broken.add(place);
    fence(tenure, `the stage threw on ${place}`);
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await putAside(tenure, stream, message, { code: 'STAGE_THREW', reason });
  }
};

/** What this process said itself need not be read again; only its place is new. */
const readEvent = (
  message: StoredMessage,
  told: FlyballEvent<'TickObserved'> | undefined,
  partitionCount: number,
): Decoded =>
  told === undefined
    ? decodeEvent(message.body, message.subject, message.seq, partitionCount)
    : { ok: true, event: { ...told, seq: message.seq } };

/** Folds an event of the partition; nothing is decided on one. */
export const takeEvent = async (tenure: Tenure, message: StoredMessage): Promise<void> => {
  const { id, subject, seq } = message;
  const pen = penOfSubject(subject);
  tenure.metrics.inputs.inc({ partition: tenure.partition });
  if (pen !== undefined && windowerPassesBy.includes(pen)) {
    tenure.state = passByEvent(tenure.state, seq);
    tenure.eventId = id;
    return;
  }
  const told = tenure.told.get(id);
  tenure.told.delete(id);
  if (pen === 'ticks' && told === undefined && seq > (tenure.ticks.fence(subject)?.seq ?? 0)) {
    tenure.ticks.note(subject, fenceAfter(message));
  }
  const decoded = readEvent(message, told, tenure.ownership.partitionCount);
  if (decoded.ok) {
    await guarded(tenure, 'EVENTS', message, () => {
      tenure.state = windower.evolve(tenure.state, decoded.event);
      // The position is that of the last message folded: one that was put aside moves neither.
      if (tenure.state.eventsThroughSeq === seq) tenure.eventId = id;
    });
  } else {
    const { reason } = decoded;
    await putAside(tenure, 'EVENTS', message, { code: 'LOG_CORRUPT', reason });
  }
};

/** Takes a batch of SAMPLES in with `take`, unless it cannot be read. */
export const takeBatch = async (
  tenure: Tenure,
  message: StoredMessage,
  take: (batch: SampleBatch) => void,
): Promise<void> => {
  const { partitionCount } = tenure.ownership;
  const decoded = decodeSamples(message.body, message.subject, message.seq, partitionCount);
  if (decoded.ok) {
    const batch = { ...decoded.event, receivedAtMs: message.storedAtMs };
    await guarded(tenure, 'SAMPLES', message, () => {
      take(batch);
      if (tenure.state.samplesThroughSeq === message.seq) tenure.samplesId = message.id;
    });
  } else {
    const { reason } = decoded;
    await putAside(tenure, 'SAMPLES', message, { code: 'LOG_CORRUPT', reason });
  }
};
