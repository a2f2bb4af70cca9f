/** What a service that follows the log without being a stage tells of its reading. */
import { allWorkloadsFilter } from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';
import { Counter, type Registry } from 'prom-client';
import type { Life } from './life.ts';
import { createReadingMetrics, type ReadingMetrics, type ReadStream } from './reading-metrics.ts';

export interface ProjectionMetrics {
  readonly reading: ReadingMetrics;
  readonly deadLetters: Counter<'code'>;
}

const byRegistry = new WeakMap<Registry, ProjectionMetrics>();

const register = ({ service, metrics }: Life): ProjectionMetrics => ({
  reading: createReadingMetrics(`flyball_${service}`, metrics),
  deadLetters: new Counter({
    name: `flyball_${service}_dead_letters_total`,
    help: 'Messages put aside because they could not be taken, by error code.',
    labelNames: ['code'] as const,
    registers: [metrics],
  }),
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
