/** What an activator writes by: its pens, each with the messages that are under way to NATS. */
import type { EventLog, EventStream } from '@flyball/event-log';
import type { Life } from '@flyball/service';
import type { Identity } from './identity.ts';
import type { ActivatorMetrics } from './metrics.ts';
import { createOutbox, type Outbox, outboxMax } from './outbox.ts';
import { createRequestEvents, type RequestEvents } from './request-events.ts';
import type { RequestTracing } from './request-tracing.ts';
import { createSampler, type Sampler } from './sampler.ts';
import type { Upstream } from './upstream.ts';

/** History is never given up while the activator lives. */
const forever = Number.POSITIVE_INFINITY;

const openOutbox = (
  stream: EventStream,
  life: Life,
  metrics: ActivatorMetrics,
  readBack: boolean,
): Outbox => {
  const outbox = createOutbox({
    stream: metrics.timed(stream, life.clock),
    readBack,
    clock: life.clock,
    signal: life.signal,
    onRetry: ({ subject, id }, error) =>
      life.logger.warn({ err: error, subject, id }, 'a message is tried again'),
    onLost: ({ subject, id }, error) => {
      metrics.lostMessages.inc({ stream: stream.name });
      life.logger.error({ err: error, subject, id }, 'gave up a message');
    },
  });
  const queue = `${stream.name.toLowerCase()}_outbox`;
  metrics.queues.watch({ queue, limit: outboxMax, depth: () => outbox.pending });
  return outbox;
};

export interface WhoWrites {
  readonly identity: Identity;
  readonly partitionCount: number;
}

interface WriterParts extends WhoWrites {
  readonly metrics: ActivatorMetrics;
  readonly tracing: RequestTracing | null;
  readonly upstreams: () => Iterable<Upstream>;
}

export interface Writers {
  readonly events: RequestEvents;
  readonly sampler: Sampler;
  readonly outboxes: readonly Outbox[];
}

/** What this activator writes: its part of the history, and samples. */
export const openWriters = (log: EventLog, life: Life, given: WriterParts): Writers => {
  const { identity, partitionCount, metrics, tracing, upstreams } = given;
  const history = openOutbox(log.events, life, metrics, true);
  const samples = openOutbox(log.samples, life, metrics, false);
  const writer = { identity, partitionCount, nowMs: () => life.clock.nowMs() };
  const events = createRequestEvents({
    ...writer,
    send: (message, onStored) => history.send(message, forever, onStored),
    isPending: history.isPending,
    ...(tracing === null ? {} : { onWakeStored: tracing.wakeStored }),
  });
  const sampler = createSampler({
    ...writer,
    send: samples.send,
    upstreams,
    ...(tracing === null ? {} : { onStored: tracing.sampleStored }),
  });
  return { events, sampler, outboxes: [history, samples] };
};
