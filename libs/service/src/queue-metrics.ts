/** How full the queues of a service are, and how full they may be; counted when it is asked. */
import { Gauge, type Registry } from 'prom-client';

export interface WatchedQueue {
  /** In the words of what waits: `appends`, `held requests`. Several of one name are summed. */
  readonly queue: string;
  /** What does not fit any more waits or is refused. */
  readonly limit: number;
  readonly depth: () => number;
}

export interface QueueMetrics {
  /** Tells of a queue until what it returns is called. */
  watch(queue: WatchedQueue): () => void;
}

/** Registers `<prefix>_queue_depth` and `<prefix>_queue_limit`. */
export const createQueueMetrics = (prefix: string, registry: Registry): QueueMetrics => {
  const watched = new Set<WatchedQueue>();
  const register = (name: string, help: string, value: (queue: WatchedQueue) => number): void => {
    const gauge: Gauge<'queue'> = new Gauge({
      name: `${prefix}_${name}`,
      help,
      labelNames: ['queue'],
      registers: [registry],
      collect: () => {
        gauge.reset();
        for (const one of watched) gauge.inc({ queue: one.queue }, value(one));
      },
    });
  };
  register('queue_depth', 'What is in a queue now, or under way.', ({ depth }) => depth());
  register('queue_limit', 'What a queue takes at most.', ({ limit }) => limit);
  return {
    watch: (queue) => {
      watched.add(queue);
      return () => void watched.delete(queue);
    },
  };
};
