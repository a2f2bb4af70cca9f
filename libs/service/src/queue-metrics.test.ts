/** Queues and readers in metrics: summed, beside their limits, and gone when they are gone. */
import type { StoredMessage } from '@flyball/event-log';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createQueueMetrics } from './queue-metrics.ts';
import { createReadingMetrics } from './reading-metrics.ts';

const linesOf = async (registry: Registry): Promise<readonly string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith('flyball_'));

describe('queues', () => {
  it('of one name are told as one, beside what they take, while they are there', async () => {
    const registry = new Registry();
    const queues = createQueueMetrics('flyball_story', registry);
    let depth = 2;
    const end = queues.watch({ queue: 'appends', limit: 10, depth: () => depth });
    queues.watch({ queue: 'appends', limit: 10, depth: () => 5 });
    queues.watch({ queue: 'pages', limit: 4, depth: () => 0 });
    depth = 3;
    expect(await linesOf(registry)).toEqual([
      'flyball_story_queue_depth{queue="appends"} 8',
      'flyball_story_queue_depth{queue="pages"} 0',
      'flyball_story_queue_limit{queue="appends"} 20',
      'flyball_story_queue_limit{queue="pages"} 4',
    ]);
    end();
    expect(await linesOf(registry)).toContain('flyball_story_queue_depth{queue="appends"} 5');
  });
});

describe('readers', () => {
  const read = { stream: 'EVENTS', partition: 3 };
  const storedAt = (storedAtMs: number): StoredMessage => {
    return { seq: 1, subject: 's', id: 'i', body: '', storedAtMs };
  };

  it('tell what is before them and how old the newest was, until they end', async () => {
    const registry = new Registry();
    const reading = createReadingMetrics('flyball_story', registry);
    reading.pending(read, 12);
    reading.taken(read, [storedAt(1_000), storedAt(4_000)], 6_500);
    expect(await linesOf(registry)).toEqual([
      'flyball_story_pending_messages{stream="EVENTS",partition="3"} 12',
      'flyball_story_lag_seconds{stream="EVENTS",partition="3"} 2.5',
    ]);
    reading.ended(read);
    expect(await linesOf(registry)).toEqual([]);
  });

  it('whose clock is behind that of the server have no lag below zero', async () => {
    const registry = new Registry();
    createReadingMetrics('flyball_story', registry).taken(read, [storedAt(4_000)], 3_000);
    expect(await linesOf(registry)).toEqual([
      'flyball_story_lag_seconds{stream="EVENTS",partition="3"} 0',
    ]);
  });
});
