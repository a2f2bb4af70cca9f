/** What the activator tells Prometheus. */
import {
  type ColdStartMoments,
  coldStartPhaseNames,
  coldStartPhases,
  ledgerImbalance,
} from '@flyball/domain';
import type { EventStream } from '@flyball/event-log';
import type { HoldEnd, HoldingBudget } from '@flyball/proxy';
import {
  type Clock,
  createQueueMetrics,
  type QueueMetrics,
  secondsBuckets,
} from '@flyball/service';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Upstreams } from './upstreams.ts';

const coldStartBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const phaseBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export interface ActivatorMetrics {
  /** A request ended with this status. */
  readonly onAnswered: (status: number) => void;
  /** A held request ended, in one of the ways of the ledger. */
  readonly onHeldEnd: (end: HoldEnd, heldMs: number) => void;
  /** A cold start was followed to its end. */
  readonly onColdStart: (moments: ColdStartMoments) => void;
  readonly lostMessages: Counter<'stream'>;
  readonly queues: QueueMetrics;
  /** The same stream, whose appends are timed. */
  readonly timed: (stream: EventStream, clock: Clock) => Pick<EventStream, 'append' | 'last'>;
}

const secondMs = 1_000;

const endNames: Readonly<Record<HoldEnd, string>> = {
  released: 'released',
  timedOut: 'timed_out',
  shed: 'shed',
  abandoned: 'abandoned',
};

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

const createColdStarts = (registers: Registry[]): ActivatorMetrics['onColdStart'] => {
  const whole = new Histogram({
    name: 'flyball_activator_cold_start_seconds',
    help: 'From a request that found no pod to its first byte.',
    buckets: coldStartBuckets,
    registers,
  });
  const byPhase = new Histogram({
    name: 'flyball_activator_cold_start_phase_seconds',
    help: 'Where the time of cold starts went: consecutive phases, to the last byte.',
    labelNames: ['phase'] as const,
    buckets: phaseBuckets,
    registers,
  });
  for (const phase of coldStartPhaseNames) byPhase.zero({ phase });
  return (moments) => {
    const firstByteAtMs = moments.firstByteAtMs ?? moments.lastByteAtMs;
    whole.observe((firstByteAtMs - moments.receivedAtMs) / secondMs);
    for (const { name, ms } of coldStartPhases(moments)) {
      byPhase.observe({ phase: name }, ms / secondMs);
    }
  };
};

const createHeldEnds = (registers: Registry[]): ActivatorMetrics['onHeldEnd'] => {
  const seconds = new Histogram({
    name: 'flyball_activator_held_seconds',
    help: 'How long held requests waited, by how they ended.',
    labelNames: ['end'] as const,
    buckets: coldStartBuckets,
    registers,
  });
  // From the beginning, so that a rate over them sees the first one that ends badly.
  for (const end of Object.values(endNames)) seconds.zero({ end });
  return (end, heldMs) => seconds.observe({ end: endNames[end] }, heldMs / secondMs);
};

/** Tells how much room there is for requests that are held, and how much of it is taken. */
export const watchHeld = (
  { queues }: ActivatorMetrics,
  budget: HoldingBudget,
  limits: { readonly heldRequestsMax: number; readonly heldBytesMax: number },
): void => {
  const { heldRequestsMax, heldBytesMax } = limits;
  queues.watch({ queue: 'held_requests', limit: heldRequestsMax, depth: () => budget.requests });
  queues.watch({ queue: 'held_bytes', limit: heldBytesMax, depth: () => budget.bytes });
};

const createTimed = (registers: Registry[]): ActivatorMetrics['timed'] => {
  const seconds = new Histogram({
    name: 'flyball_activator_append_seconds',
    help: 'Time of one append until its outcome was known, by stream.',
    labelNames: ['stream'] as const,
    buckets: secondsBuckets,
    registers,
  });
  return (stream, clock) => ({
    append: async (message) => {
      const startedMs = clock.monotonicMs();
      const appended = await stream.append(message);
      const tookMs = clock.monotonicMs() - startedMs;
      seconds.observe({ stream: stream.name }, tookMs / secondMs);
      return appended;
    },
    last: (subject) => stream.last(subject),
  });
};

const createLostMessages = (registers: Registry[]): ActivatorMetrics['lostMessages'] => {
  const lost = new Counter({
    name: 'flyball_activator_lost_messages_total',
    help: 'Messages that could not be stored in NATS and were given up, by stream.',
    labelNames: ['stream'] as const,
    registers,
  });
  for (const stream of ['EVENTS', 'SAMPLES']) lost.inc({ stream }, 0);
  return lost;
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
    onHeldEnd: createHeldEnds(registers),
    onColdStart: createColdStarts(registers),
    timed: createTimed(registers),
    queues: createQueueMetrics('flyball_activator', registry),
    lostMessages: createLostMessages(registers),
  };
};
