/** One cold start as its events and messages tell it: what each stage makes its spans of. */
import { eventFrom, type FlyballEvent } from '@flyball/contracts';
import type { RequestFacts } from '../story/request-spans.ts';

const workload = 'default/web';
const partition = 3;
/** The activator received the request. */
export const receivedAtMs = Date.UTC(2026, 0, 1, 10, 41, 30, 250);
/** The client's own span lies above it. */
export const clientSpanId = '00f067aa0ba902b7';
export const requestContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
};
/** The request that found no pod. */
export const coldRequest: RequestFacts = {
  context: requestContext,
  parentSpanId: clientSpanId,
  method: 'GET',
  path: '/primes',
  host: 'web.default.localhost',
  scheme: 'http',
  protocolVersion: '1.1',
};
export const traceparent = `00-${requestContext.traceId}-${requestContext.spanId}-01`;

export const batch: FlyballEvent<'SamplesReported'> = {
  id: 'activator-gw0:3:1767264090250',
  type: 'SamplesReported',
  partition,
  pen: 'samples',
  source: '/flyball/activator/gw0',
  atMs: receivedAtMs,
  traceparent,
  data: {
    source: 'activator-gw0',
    secondAtMs: receivedAtMs - 250,
    partial: true,
    rows: {
      workloads: ['default/idle', workload],
      concurrencyMilli: [0, 1_000],
      requestsMilli: [0, 1_000],
      inFlight: [0, 1],
      traceparents: [null, traceparent],
    },
    covered: [],
  },
};

export const tick = eventFrom({
  type: 'TickObserved',
  pen: 'ticks',
  partition,
  source: '/flyball/windower',
  cause: { id: batch.id, atMs: receivedAtMs, traceparent },
  data: {
    kind: 'poke',
    part: 1,
    parts: 1,
    samplesThroughSeq: 7,
    eventsThroughSeq: 11,
    rows: {
      workloads: [workload],
      stableMilli: [1_000],
      panicMilli: [1_000],
      seen: ['measured'],
      coveredAtMs: [receivedAtMs - 250],
      inFlight: [1],
      traceparents: [traceparent],
    },
  },
});

const decision = (given: string | undefined, id: string): FlyballEvent<'Decided'> =>
  eventFrom({
    type: 'Decided',
    pen: 'decisions',
    workload,
    partition,
    source: '/flyball/decider',
    cause: { id, atMs: receivedAtMs, ...(given === undefined ? {} : { traceparent: given }) },
    data: {
      from: 0,
      to: 1,
      mode: 'stable',
      panicSinceMs: null,
      routing: 'activator',
      changed: ['replicas'],
      reason: 'one request waits',
      routingReason: 'no pod is ready',
      binding: 'wanted',
      rules: [],
      inputs: {
        stableAverage: 1,
        panicAverage: 1,
        inFlight: 1,
        seen: 'measured',
        coveredAtMs: receivedAtMs - 250,
        readyPods: 0,
        startingPods: 0,
        targetValue: 7,
        reachable: true,
      },
      excessBurstCapacity: -1,
      activators: 1,
      policyId: 'policy-1',
      algorithm: 1,
    },
  });

export const decided = decision(traceparent, tick.id);
/** At a tick that nobody poked. */
export const decidedAlone = decision(undefined, 'tick-9');

/** What the actuator writes of a decision (or a wake): a scale, at its first attempt. */
export const applied = (
  because: 'decided' | 'woken',
  on: FlyballEvent<'Decided'> | FlyballEvent<'WakeRequested'>,
): FlyballEvent<'ScaleApplied'> =>
  eventFrom({
    type: 'ScaleApplied',
    pen: 'actions',
    workload,
    partition,
    source: '/flyball/actuator',
    cause: on,
    data: {
      from: 0,
      to: 1,
      decisionId: on.id,
      appliedAtMs: receivedAtMs + 9,
      attempt: 1,
      resourceVersion: '42',
      because,
    },
  });

export const wake = eventFrom({
  type: 'WakeRequested',
  pen: 'requests',
  workload,
  partition,
  source: '/flyball/activator/gw0',
  cause: { id: 'gw0:2', atMs: receivedAtMs + 500, traceparent },
  data: { waiting: 3, waitingSinceMs: receivedAtMs },
});

/** With every moment seen, or with what is given instead. */
export const coldStart = (
  moments: Partial<FlyballEvent<'ColdStartCompleted'>['data']> = {},
): FlyballEvent<'ColdStartCompleted'> =>
  eventFrom({
    type: 'ColdStartCompleted',
    pen: 'requests',
    workload,
    partition,
    source: '/flyball/activator/gw0',
    cause: { id: 'gw0:3', atMs: receivedAtMs + 120, traceparent },
    data: {
      pod: 'web-1',
      receivedAtMs,
      sampledAtMs: receivedAtMs + 1,
      decidedAtMs: receivedAtMs + 5,
      appliedAtMs: receivedAtMs + 9,
      podAppearedAtMs: receivedAtMs + 15,
      podAddressKnownAtMs: receivedAtMs + 20,
      connectedAtMs: receivedAtMs + 100,
      podReadyAtMs: receivedAtMs + 110,
      firstByteAtMs: receivedAtMs + 112,
      lastByteAtMs: receivedAtMs + 120,
      status: 200,
      waited: 4,
      ...moments,
    },
  });
