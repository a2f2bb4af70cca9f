/** The activator over a connection that stands: its routes, counts and loops, but no port. */
import {
  allWorkloadsFilter,
  type OutsideError,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import { evolveRoutes, type Routes, routesProjection } from '@flyball/domain';
import { type EventLog, readPartitionCount } from '@flyball/event-log';
import { createHoldingBudget, createProbePace } from '@flyball/proxy';
import { followProjection, type Life, retryOutside, sleep } from '@flyball/service';
import { type ClaimedHosts, createClaimedHosts } from './claimed-hosts.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { createIdentity, type Identity } from './identity.ts';
import { followActivators, type LivingActivators, vanishedAfterMs } from './living-activators.ts';
import { type ActivatorMetrics, createMetrics, watchHeld } from './metrics.ts';
import { openWriters, type WhoWrites } from './open-writers.ts';
import type { Outbox } from './outbox.ts';
import type { SlotSharing } from './pod-slots.ts';
import { createRequestContexts, type RequestContexts } from './request-context.ts';
import type { RequestEvents } from './request-events.ts';
import { createRequestHooks, type RequestHooks } from './request-hooks.ts';
import { createRequestTracing, type RequestTracing } from './request-tracing.ts';
import type { Sampler } from './sampler.ts';
import { tellLedgers, tellSeconds } from './tell-loops.ts';
import type { PodReach, UpstreamShared } from './upstream.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';
import { createUrgent } from './urgent.ts';

export interface ActivatorParts {
  readonly log: EventLog;
  readonly life: Life;
  readonly limits: {
    readonly heldRequestsMax: number;
    readonly heldBytesMax: number;
    readonly heldPerWorkloadMax: number;
    readonly holdMsMax: number;
  };
  /** The share of ordinary requests whose spans are told, 0 to 1; none unless given. */
  readonly tracesRatio?: number;
  /** How pods are reached; over sockets unless given. */
  readonly reach?: PodReach;
  /** Runs a task after the requests of this turn of the loop; `setImmediate` unless given. */
  readonly soon?: (task: () => void) => void;
}

interface Wired {
  readonly upstreams: Upstreams;
  /** Whoever carries requests tells them by these. */
  readonly hooks: RequestHooks;
  readonly events: RequestEvents;
  readonly hosts: ClaimedHosts;
  readonly outboxes: readonly Outbox[];
}

export interface RunningActivator extends Wired {
  readonly heartbeat: Heartbeat;
}

const shareOf = ({ life, limits, reach }: ActivatorParts, metrics: ActivatorMetrics) => ({
  budget: createHoldingBudget({
    requestsMax: limits.heldRequestsMax,
    bytesMax: limits.heldBytesMax,
  }),
  pace: createProbePace(),
  heldMax: limits.heldPerWorkloadMax,
  holdMsMax: limits.holdMsMax,
  nowMs: () => life.clock.nowMs(),
  onHeldEnd: metrics.onHeldEnd,
  onBadAddress: (workload: string, pod: string, address: string) =>
    life.logger.error({ workload, pod, address }, 'nobody can connect to this address'),
  ...(reach === undefined ? {} : { reach }),
});

const sharingOf = (
  { life }: ActivatorParts,
  { instance }: Identity,
  living: LivingActivators,
): SlotSharing => ({
  self: instance,
  activators: living.instances,
  after: (delayMs, task) => life.clock.after(delayMs, task),
});

/** What has a loop of its own. */
interface Looped {
  readonly sampler: Sampler;
  readonly living: LivingActivators;
}

/** Where requests stand in traces, and who tells their spans, if anybody listens. */
const openTracing = (
  { life, tracesRatio: ratio = 0 }: ActivatorParts,
  { instance }: Identity,
): { readonly contexts: RequestContexts; readonly tracing: RequestTracing | null } => {
  const { telemetry, clock, random } = life;
  const contexts = createRequestContexts({ instance, isTold: telemetry.isOn });
  const time = { nowMs: () => clock.nowMs(), monotonicMs: () => clock.monotonicMs() };
  const tracing = createRequestTracing({ telemetry, contexts, ratio, random, ...time });
  return { contexts, tracing };
};

const wire = (parts: ActivatorParts, writer: WhoWrites): Wired & Looped => {
  const { log, life, soon = setImmediate } = parts;
  const nowMs = () => life.clock.nowMs();
  const hosts = createClaimedHosts((contested) =>
    life.logger.warn(contested, 'several workloads claim this host; the oldest claim has it'),
  );
  const living = followActivators({
    leases: log.leases,
    self: writer.identity.instance,
    clock: life.clock,
    onChange: () => upstreams.shareAnew(),
  });
  const metrics = createMetrics(life.metrics, {
    upstreams: () => upstreams,
    contestedHosts: hosts.contestedCount,
    livingActivators: () => living.instances().length,
  });
  const { contexts, tracing } = openTracing(parts, writer.identity);
  const { events, sampler, outboxes } = openWriters(log, life, {
    ...writer,
    ...{ metrics, tracing, upstreams: () => upstreams.all() },
  });
  const onUrgent = createUrgent({
    monotonicMs: () => life.clock.monotonicMs(),
    nowMs,
    tellNow: sampler.tellNow,
    soon,
    after: (delayMs, task) => void life.clock.after(delayMs, task),
  });
  const sharing = sharingOf(parts, writer.identity, living);
  const base = shareOf(parts, metrics);
  watchHeld(metrics, base.budget, parts.limits);
  const shared: Omit<UpstreamShared, 'onStirred'> = {
    ...{ ...base, contexts, sharing, onUrgent },
    ...(tracing === null ? {} : { onRoute: tracing.routeChanged }),
  };
  const upstreams = createUpstreams(shared);
  const hooks = createRequestHooks({
    shared,
    tracing,
    onAnswered: metrics.onAnswered,
    onColdStart: ({ workload }, moments, traceparent) => {
      metrics.onColdStart(moments);
      return events.coldStart(workload, moments, traceparent);
    },
  });
  return { upstreams, hooks, events, hosts, sampler, living, outboxes };
};

/** The whole log is one fold here; its snapshot is kept under this partition. */
const snapshotKey = { stage: 'activator', partition: 0 };

/**
 * The routes, and a word to `onLost` of each loss of this very activator: it was frozen or cut off,
 * and taken for dead.
 */
const routesAndLosses = (
  instance: string,
  onLost: (workload: WorkloadKey, lost: number) => void,
): typeof routesProjection => {
  let heardThroughSeq = 0;
  const hear = (event: RecordedEvent): void => {
    if (event.type !== 'RequestsLost' || event.data.instance !== instance) return;
    // Folded anew, the same is not heard twice.
    if (event.workload === undefined || event.seq <= heardThroughSeq) return;
    heardThroughSeq = event.seq;
    onLost(event.workload, event.data.lost);
  };
  return {
    ...routesProjection,
    tails: new Set([...routesProjection.tails, 'lost']),
    evolve: (routes, event) => {
      if ('seq' in event) hear(event);
      return evolveRoutes(routes, event);
    },
  };
};

/** Follows the routes; resolves when they are those of the log's end for the first time. */
const startFollowing = (
  { life, log }: ActivatorParts,
  { instance }: Identity,
  {
    upstreams,
    hosts,
    partitionCount,
  }: Pick<Wired, 'upstreams' | 'hosts'> & {
    readonly partitionCount: number;
  },
): Promise<void> => {
  const caughtUp = life.readiness('routes');
  const { promise, resolve } = Promise.withResolvers<void>();
  const options = {
    log,
    life,
    filter: allWorkloadsFilter,
    partitionCount,
    snapshotKey,
    projection: routesAndLosses(instance, upstreams.holdAgain),
    onCaughtUp: (routes: Routes) => {
      hosts.follow(routes);
      upstreams.followAll(routes);
      caughtUp.set(true, 'the routes are those of the log');
      resolve();
    },
    onChanged: (routes: Routes, workload: WorkloadKey) => {
      hosts.follow(routes);
      upstreams.follow(routes, workload);
    },
  };
  life.run('routes', async (signal) => {
    const { clock, logger } = life;
    // While the log cannot be read the routes stay as they are.
    const onRetry = (error: OutsideError) => logger.warn({ err: error }, 'the log is read again');
    const follow = () => followProjection(options, signal);
    await retryOutside(follow, { clock, signal, onRetry }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  });
  return promise;
};

const untilSeen = async ({ seen }: LivingActivators, { clock, signal }: Life): Promise<void> => {
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  await Promise.race([seen, sleep(clock, vanishedAfterMs, either)]);
  settled.abort();
};

/**
 * Begins; what it starts ends with its life. Resolves once the routes are those of the log. The
 * drain is the caller's, as it alone can say when the last request has come.
 */
export const startActivator = async (parts: ActivatorParts): Promise<RunningActivator> => {
  const { log, life } = parts;
  const identity = createIdentity(life.incarnation);
  const partitionCount = await readPartitionCount(log);
  const { sampler, living, ...wired } = wire(parts, { identity, partitionCount });
  await startFollowing(parts, identity, { ...wired, partitionCount });
  const heartbeat = await startHeartbeat(log.leases, identity.instance, life);
  life.run('activators', (signal) => living.follow(signal));
  // Whoever takes requests before it knows with whom it shares would take what is others'.
  await untilSeen(living, life);
  tellSeconds(life, sampler);
  tellLedgers(life, wired.upstreams, wired.events);
  return { ...wired, heartbeat };
};
