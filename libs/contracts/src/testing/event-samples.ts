/** Two events as tests use them. */
import { eventFrom, type FlyballEvent } from '../event.ts';

const atMs = Date.UTC(2026, 0, 1, 10, 41, 30, 250);

export const podReady: FlyballEvent<'PodReady'> = eventFrom({
  type: 'PodReady',
  pen: 'platform',
  workload: 'default/web.example',
  partition: 3,
  source: '/flyball/watcher',
  cause: {
    id: 'watcher-0-b7:41',
    atMs,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
  data: { pod: 'web-1' },
});

export const samplesReported: FlyballEvent<'SamplesReported'> = {
  id: 'activator-gw0:3:1767264090000',
  type: 'SamplesReported',
  partition: 3,
  pen: 'samples',
  source: '/flyball/activator/gw0',
  atMs,
  data: {
    source: 'activator-gw0',
    secondAtMs: atMs - 250,
    partial: false,
    rows: {
      workloads: ['default/web'],
      concurrencyMilli: [49_800],
      requestsMilli: [481_000],
      inFlight: [50],
      traceparents: [null],
    },
    covered: ['default/idle'],
  },
};
