/** What the queue-proxy tells: the last whole second, as Prometheus text. */
import type { SecondCount } from '@flyball/proxy';

const secondMs = 1_000;
const milli = 1_000;

interface Sample {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly value: number;
}

export interface Counts {
  /** Null: the clock was set back, and nothing was measured under this second's name. */
  readonly second: SecondCount | null;
  readonly secondStartMs: number;
  readonly inFlight: number;
  readonly proxiedInFlight: number;
  readonly waiting: number;
  readonly requestsTotal: number;
}

const unknown = Number.NaN;

const secondSamples = ({ second, secondStartMs }: Counts): readonly Sample[] => [
  {
    name: 'flyball_queue_proxy_second_timestamp_seconds',
    help: 'Start of the second that the averages are of, since 1970.',
    type: 'gauge',
    value: secondStartMs / secondMs,
  },
  {
    name: 'flyball_queue_proxy_average_concurrent_requests',
    help: 'Requests in flight, averaged over that second.',
    type: 'gauge',
    value: (second?.concurrencyMilli ?? unknown) / milli,
  },
  {
    name: 'flyball_queue_proxy_average_proxied_concurrent_requests',
    help: 'The part of it that an activator has counted too.',
    type: 'gauge',
    value: (second?.proxiedConcurrencyMilli ?? unknown) / milli,
  },
  {
    name: 'flyball_queue_proxy_requests_per_second',
    help: 'Requests that began in that second.',
    type: 'gauge',
    value: second?.requests ?? unknown,
  },
  {
    name: 'flyball_queue_proxy_proxied_requests_per_second',
    help: 'The part of them that an activator has counted too.',
    type: 'gauge',
    value: second?.proxiedRequests ?? unknown,
  },
];

const levelSamples = (counts: Counts): readonly Sample[] => [
  {
    name: 'flyball_queue_proxy_in_flight_requests',
    help: 'Requests in flight now, waiting ones included.',
    type: 'gauge',
    value: counts.inFlight,
  },
  {
    name: 'flyball_queue_proxy_proxied_in_flight_requests',
    help: 'The part of them that an activator has counted too.',
    type: 'gauge',
    value: counts.proxiedInFlight,
  },
  {
    name: 'flyball_queue_proxy_waiting_requests',
    help: 'Requests that wait for a free slot of the pod now.',
    type: 'gauge',
    value: counts.waiting,
  },
  {
    name: 'flyball_queue_proxy_requests_total',
    help: 'Requests that ended.',
    type: 'counter',
    value: counts.requestsTotal,
  },
];

/** The whole page, in the Prometheus text format 0.0.4. */
export const exposition = (counts: Counts): string =>
  [...secondSamples(counts), ...levelSamples(counts)]
    .map(
      ({ name, help, type, value }) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`,
    )
    .join('');
