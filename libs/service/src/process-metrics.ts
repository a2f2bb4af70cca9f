/** What is told of the process itself: memory, processor, handles, and how busy its loop is. */
import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/**
 * The library measures the loop's delay by a timer that rings every 10 ms. In a process that is
 * idle this is nearly all that it does, so the timer is given a time that does not come.
 */
const neverMs = 2 ** 31 - 1;
/** What that timer would have filled. */
const timed = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  (what) => `nodejs_eventloop_lag_${what}_seconds`,
);

/** Registers them; what they cost is paid when they are read. */
export const collectProcessMetrics = (register: Registry): void => {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: neverMs });
  for (const name of timed) register.removeSingleMetric(name);
  let before = performance.eventLoopUtilization();
  new Gauge({
    name: 'flyball_event_loop_busy_ratio',
    help: 'The share of the time since the last scrape in which the event loop was busy.',
    registers: [register],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
};
