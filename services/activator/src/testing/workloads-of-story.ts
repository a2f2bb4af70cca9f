/** Upstreams of a story: workloads without sockets, on a clock that the story moves. */
import type { WorkloadKey } from '@flyball/contracts';
import { initialRoutes, noHosts, type WorkloadRoute } from '@flyball/domain';
import { createHoldingBudget, createProbePace, type HeldRequest } from '@flyball/proxy';
import { spanIdOf, traceparentFrom } from '@flyball/telemetry';
import { createIdentity } from '../identity.ts';
import { createRequestContexts } from '../request-context.ts';
import { requestEnded, requestStarted, type Upstream } from '../upstream.ts';
import { createUpstreams } from '../upstreams.ts';

export const startMs = 1_767_225_600_000;
/** That of the client of each request. */
const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
/** That of the first request that is followed: in its client's trace, but a span of its own. */
export const followedTraceparent = traceparentFrom({
  traceId: '11111111111111111111111111111111',
  spanId: spanIdOf('1-boot:request:1'),
});

const routeOf = (given: Partial<WorkloadRoute>): WorkloadRoute => ({
  policy: null,
  pods: {},
  desiredReplicas: null,
  decidedAtMs: null,
  appliedAtMs: null,
  applied: null,
  claims: noHosts,
  ...given,
});

/** Requests that wait as the proxy's do, without a client behind them. */
export const storyRequest = (): HeldRequest & { readonly ends: string[] } => {
  const ends: string[] = [];
  return {
    method: 'GET',
    path: '/',
    host: 'web.default.example.com',
    httpVersion: '1.1',
    remoteAddress: '127.0.0.1',
    rawHeaders: [],
    traceparent,
    marked: false,
    upgrade: null,
    pod: null,
    note: null,
    heldBytes: 1,
    released: () => void ends.push('released'),
    refused: (end) => void ends.push(end),
    ends,
  };
};

/** Timers that the story lets run out, and who it says lives. */
const openSharing = (clock: { nowMs: number }) => {
  const timers: { readonly atMs: number; readonly task: () => void }[] = [];
  const state = { living: ['a'] as readonly string[] };
  const sharing = {
    self: 'a',
    activators: () => state.living,
    after: (delayMs: number, task: () => void) => {
      const timer = { atMs: clock.nowMs + delayMs, task };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
  };
  const nextTimer = (): void => {
    const [first] = timers.toSorted((one, other) => one.atMs - other.atMs);
    if (first === undefined) throw new Error('nothing is due');
    timers.splice(timers.indexOf(first), 1);
    clock.nowMs = first.atMs;
    first.task();
  };
  return { timers, state, sharing, nextTimer };
};

/** The workloads of one activator; `nowMs` may be moved. */
export const openWorkloads = (options: { readonly heldMax?: number } = {}) => {
  const clock = { nowMs: startMs };
  const urgent: Upstream[] = [];
  const counting = {
    nowMs: () => clock.nowMs,
    contexts: createRequestContexts({ instance: '1-boot', isTold: false }),
    onUrgent: (upstream: Upstream) => void urgent.push(upstream),
  };
  const { timers, state, sharing, nextTimer } = openSharing(clock);
  const upstreams = createUpstreams({
    ...counting,
    sharing,
    budget: createHoldingBudget({ requestsMax: 1_000, bytesMax: 1_000_000 }),
    pace: createProbePace(),
    heldMax: options.heldMax ?? 1_000,
    holdMsMax: 60_000,
    onHeldEnd: () => undefined,
    onBadAddress: () => undefined,
  });
  const routes = initialRoutes();
  const appear = (workload: WorkloadKey, given: Partial<WorkloadRoute> = {}): Upstream => {
    routes.workloads[workload] = routeOf(given);
    upstreams.follow(routes, workload);
    const upstream = upstreams.get(workload);
    if (upstream === undefined) throw new Error(`${workload} did not appear`);
    return upstream;
  };
  return {
    clock,
    urgent,
    upstreams,
    appear,
    /** These activators live now; `a` is this one. */
    live: (...instances: string[]) => {
      state.living = instances;
      upstreams.shareAnew();
    },
    /** What is due later, in no order. */
    timers,
    /** Lets the time pass until the first of it. */
    nextTimer,
    disappear: (workload: WorkloadKey) => {
      delete routes.workloads[workload];
      upstreams.follow(routes, workload);
    },
    start: (upstream: Upstream) => requestStarted(upstream, counting),
    end: (upstream: Upstream, request: object = {}) => requestEnded(upstream, counting, request),
    identity: createIdentity('1-boot'),
  };
};
