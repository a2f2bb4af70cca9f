/** Two messages that a stage can put aside: a batch of samples, and an event of `default/web`. */
import { chainStart, encodeEvent, encodeUnchained, eventFrom } from '@flyball/contracts';

export const poisonPartition = 3;
const partition = poisonPartition;

/** A batch without a row, as it is stored. */
export const sampleBatch = encodeUnchained({
  ...{ id: 'activator-a:3:0', type: 'SamplesReported', partition, pen: 'samples', atMs: 0 },
  source: '/flyball/activator/a',
  data: {
    ...{ source: 'activator-a', secondAtMs: 0, partial: false, covered: [] },
    rows: {
      ...{ workloads: [], concurrencyMilli: [], requestsMilli: [] },
      ...{ inFlight: [], traceparents: [] },
    },
  },
});

export const podReady = eventFrom({
  ...{ type: 'PodReady', pen: 'platform', workload: 'default/web', partition },
  ...{ source: '/flyball/watcher', cause: { id: 'watcher-0-b:1', atMs: 0 } },
  data: { pod: 'web-1' },
});
export const podReadyBody = encodeEvent(podReady, chainStart).body;
