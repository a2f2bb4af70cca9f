/** Reads what a stream holds, whole or not at all: part of it would give a wrong answer. */
import { OutsideError } from '@flyball/contracts';
import type { EventStream, StoredMessage } from '@flyball/event-log';

/**
 * What is there now, batch by batch. Throws NATS_… errors; when the signal aborts, NATS_TIMEOUT
 * with the signal's reason as its cause.
 */
export async function* readWhole(
  stream: EventStream,
  options: Parameters<EventStream['readToEnd']>[0],
): AsyncGenerator<readonly StoredMessage[], void, undefined> {
  yield* stream.readToEnd(options);
  const { signal, filter } = options;
  if (!signal.aborted) return;
  const message = `Reading ${filter} of ${stream.name} was ended before it was done.`;
  throw new OutsideError('NATS_TIMEOUT', message, { retriable: true, cause: signal.reason });
}
