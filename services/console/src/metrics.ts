/** What the console tells of itself. */
import type { Life } from '@flyball/service';
import type { TraceStore } from '@flyball/telemetry/sink';
import { Counter, Gauge } from 'prom-client';
import type { Fleet } from './fleet/fleet.ts';
import type { FleetSight } from './fleet/fleet-sight.ts';
import type { StreamLimit } from './http/stream-limit.ts';

interface Counted {
  readonly fleet: Pick<Fleet, 'size'>;
  readonly sight: Pick<FleetSight, 'draw'>;
  readonly streams: Pick<StreamLimit, 'open'>;
  readonly store: Pick<TraceStore, 'counts'>;
}

/** Registers them; they are looked up when they are read. */
export const collectConsoleMetrics = (life: Life, counted: Counted): void => {
  const { fleet, sight, streams, store } = counted;
  const registers = [life.metrics];
  const add = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `flyball_console_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  add('workloads', 'Workloads in the fleet that is shown.', () => {
    sight.draw();
    return fleet.size;
  });
  add('open_streams', 'Streams of changes that browsers have open.', () => streams.open());
  add('traces', 'Traces that are kept.', () => store.counts().traces);
  add('spans', 'Spans that are kept.', () => store.counts().spans);
  new Counter({
    name: 'flyball_console_dropped_spans_total',
    help: 'Spans dropped for newer ones, or because their trace was full.',
    registers,
    collect() {
      this.reset();
      this.inc(store.counts().spansDropped);
    },
  });
};
