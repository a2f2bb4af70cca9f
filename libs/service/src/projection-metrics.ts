/** What a service that follows the log without being a stage tells of its reading. */
import { allWorkloadsFilter } from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';
import type { Counter, Registry } from 'prom-client';
import { createDeadLetterCounter } from './dead-letter-counter.ts';
import type { Life } from './life.ts';
import { createReadingMetrics, type ReadingMetrics, type ReadStream } from './reading-metrics.ts';

export interface ProjectionMetrics {
  readonly reading: ReadingMetrics;
  readonly deadLetters: Counter<'code'>;
}

const byRegistry = new WeakMap<Registry, ProjectionMetrics>();

const register = ({ service, metrics }: Life): ProjectionMetrics => ({
  reading: createReadingMetrics(`flyball_${service}`, metrics),
  deadLetters: createDeadLetterCounter(`flyball_${service}`, metrics),
});

/** One set for all that a service follows. */
export const projectionMetricsOf = (life: Life): ProjectionMetrics => {
  const known = byRegistry.get(life.metrics) ?? register(life);
  byRegistry.set(life.metrics, known);
  return known;
};

/** One reader of EVENTS, by its filter, and what it tells. */
export const projectionReading = (
  life: Life,
  filter: string,
  partition: number,
): {
  readonly pending: (messages: number) => void;
  readonly taken: (batch: readonly StoredMessage[]) => void;
  readonly ended: () => void;
} => {
  const { reading } = projectionMetricsOf(life);
  const isWhole = filter === allWorkloadsFilter;
  const read: ReadStream = { stream: 'EVENTS', partition: isWhole ? 'all' : partition };
  return {
    pending: (messages) => reading.pending(read, messages),
    taken: (batch) => reading.taken(read, batch, life.clock.nowMs()),
    ended: () => reading.ended(read),
  };
};

/** They are there from the beginning, also where nothing is followed yet. */
export const registerReading = (life: Life): void => void projectionMetricsOf(life);
