/** What the activator tells Prometheus. */
import { ledgerImbalance } from '@flyball/domain';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Upstreams } from './upstreams.ts';

const coldStartBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export interface ActivatorMetrics {
  /** A request ended with this status. */
  readonly onAnswered: (status: number) => void;
  readonly heldSeconds: Histogram;
  readonly coldStartSeconds: Histogram;
  readonly lostMessages: Counter<'stream'>;
}

/** Looking a label up for each request would cost more than counting it. */
const countByStatus = (answered: Counter<'code'>): ((status: number) => void) => {
  const byStatus = new Map<number, Counter.Internal>();
  return (status) => {
    const known = byStatus.get(status) ?? answered.labels({ code: String(status) });
    byStatus.set(status, known);
    known.inc();
  };
};

/** What the gauges read when they are scraped. */
export interface Gauged {
  readonly upstreams: () => Upstreams;
  readonly contestedHosts: () => number;
  /** How many activators share the pods' slots, this one included. */
  readonly livingActivators: () => number;
}

const registerGauges = (registers: Registry[], gauged: Gauged): void => {
  const { upstreams } = gauged;
  const sumOf = (value: (one: { held: number; inFlight: number; imbalance: number }) => number) => {
    let sum = 0;
    for (const { holding, meter } of upstreams().all()) {
      const { ledger } = holding;
      const imbalance = ledgerImbalance(ledger);
      sum += value({ held: ledger.waiting, inFlight: meter.inFlight, imbalance });
    }
    return sum;
  };
  const gauge = (name: string, help: string, value: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => void made.set(value()) });
  };
  gauge('flyball_activator_held_requests', 'Requests held now.', () => sumOf((one) => one.held));
  gauge('flyball_activator_in_flight_requests', 'Requests in flight now, held ones included.', () =>
    sumOf((one) => one.inFlight),
  );
  gauge('flyball_activator_workloads', 'Workloads that are routed to.', () => {
    let count = 0;
    for (const _ of upstreams().all()) count += 1;
    return count;
  });
  gauge('flyball_activator_ledger_imbalance', 'Held requests not accounted for; always 0.', () =>
    sumOf((one) => Math.abs(one.imbalance)),
  );
  gauge(
    'flyball_activator_contested_hosts',
    'Hosts that more than one workload claims; the oldest claim has them.',
    gauged.contestedHosts,
  );
  gauge(
    'flyball_activator_living_activators',
    "Activators that share the pods' slots, this one included.",
    gauged.livingActivators,
  );
};

/** Registers the metrics. */
export const createMetrics = (registry: Registry, gauged: Gauged): ActivatorMetrics => {
  const registers = [registry];
  registerGauges(registers, gauged);
  const answered = new Counter({
    name: 'flyball_activator_requests_total',
    help: 'Requests that ended, by the status that the client got (499: it left).',
    labelNames: ['code'],
    registers,
  });
  return {
    onAnswered: countByStatus(answered),
    heldSeconds: new Histogram({
      name: 'flyball_activator_held_seconds',
      help: 'How long held requests waited until they ended.',
      buckets: coldStartBuckets,
      registers,
    }),
    coldStartSeconds: new Histogram({
      name: 'flyball_activator_cold_start_seconds',
      help: 'From a request that found no pod to its first byte.',
      buckets: coldStartBuckets,
      registers,
    }),
    lostMessages: new Counter({
      name: 'flyball_activator_lost_messages_total',
      help: 'Messages that could not be stored in NATS and were given up, by stream.',
      labelNames: ['stream'],
      registers,
    }),
  };
};
