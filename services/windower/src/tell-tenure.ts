/** What metrics tell of a tenure, from the moment that it is live until it ends. */
import { appendsInFlightMax } from '@flyball/service';
import type { Tenure } from './tenure.ts';

/** Begins to tell; what it returns ends it, and forgets what was told of the partition. */
export const tellTenure = (tenure: Tenure): (() => void) => {
  const { partition, ticks, minutes, metrics, log, over, ownership } = tenure;
  const ends = [
    metrics.live.begin({
      partition,
      state: () => tenure.state,
      isCurrent: () => !over.aborted && ownership.isHeld(),
    }),
    metrics.queues.watch({
      queue: 'appends',
      limit: appendsInFlightMax,
      depth: () => ticks.pending() + minutes.pending(),
    }),
  ];
  return () => {
    for (const end of ends) end();
    for (const { name } of [log.events, log.samples]) {
      metrics.reading.ended({ stream: name, partition });
    }
    metrics.mirrorDifferences.remove({ partition });
  };
};
