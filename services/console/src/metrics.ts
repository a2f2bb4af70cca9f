/** What the console tells of itself. */
import type { Life } from '@flyball/service';
import type { TraceStore } from '@flyball/telemetry/sink';
import { Gauge } from 'prom-client';
import type { Fleet } from './fleet/fleet.ts';
import type { StreamLimit } from './http/stream-limit.ts';

interface Counted {
  readonly fleet: Pick<Fleet, 'size'>;
  readonly streams: Pick<StreamLimit, 'open'>;
  readonly store: Pick<TraceStore, 'counts'>;
}

/** Registers them; they are looked up when they are read. */
export const collectConsoleMetrics = (life: Life, { fleet, streams, store }: Counted): void => {
  const add = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `flyball_console_${name}`,
      help,
      registers: [life.metrics],
      collect() {
        this.set(read());
      },
    });
  };
  add('workloads', 'Workloads in the fleet that is shown.', () => fleet.size);
  add('streams', 'Streams of changes that browsers have open.', () => streams.open());
  add('traces', 'Traces that are kept.', () => store.counts().traces);
  add('spans', 'Spans that are kept.', () => store.counts().spans);
  add('dropped_spans', 'Spans that made room for others.', () => store.counts().spansDropped);
};
