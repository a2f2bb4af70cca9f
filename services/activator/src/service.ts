/** The activator: configuration → connections → wiring → run. */
import { allEventsFilter, OutsideError } from '@flyball/contracts';
import { type Routes, routesProjection } from '@flyball/domain';
import { type EventLog, type EventStream, readPartitionCount } from '@flyball/event-log';
import { createHoldingBudget, createProbePace, type ProxyServer } from '@flyball/proxy';
import { connectBus, defineService, followProjection, type Life, sleep } from '@flyball/service';
import type { z } from 'zod';
import { activatorConfig } from './config.ts';
import { createGateway } from './gateway.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createIdentity, type Identity } from './identity.ts';
import { type ActivatorMetrics, createMetrics } from './metrics.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createRequestEvents, type RequestEvents } from './request-events.ts';
import { createSampler, type Sampler } from './sampler.ts';
import type { UpstreamShared } from './upstream.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';
import { createUrgent } from './urgent.ts';

const secondMs = 1_000;
/** A workload's ledger is told at most this often. */
const countEveryMs = 100;
/** Activators tell their seconds not all at the same moment. */
const secondJitterMs = 50;
/** A batch of samples that is older than this helps nobody. */
const samplesRetryForMs = 5_000;
/** Whole seconds that are told after a stall at most. */
const secondsTold = 10;
const drainPollMs = 20;
/** Longest wait for NATS to take the last of the ledger. */
const flushLimitMs = 2_000;

type Config = Readonly<z.infer<typeof activatorConfig>>;

const openOutbox = (
  stream: EventStream,
  life: Life,
  metrics: ActivatorMetrics,
  retryForMs: number,
): Outbox =>
  createOutbox({
    stream,
    retryForMs,
    clock: life.clock,
    signal: life.signal,
    onStored: () => undefined,
    onLost: ({ subject, id }, error) => {
      metrics.lostMessages.inc({ stream: stream.name });
      life.logger.error({ err: error, subject, id }, 'gave up a message');
    },
  });

/** Tells each whole second once; those missed in a stall too, while the meters keep them. */
const tellSeconds = (life: Life, sampler: Sampler): void =>
  life.run('samples', async (signal) => {
    const beganMs = life.clock.nowMs();
    let secondAtMs = beganMs - (beganMs % secondMs);
    while (!signal.aborted) {
      const jitterMs = 1 + life.random() * secondJitterMs;
      await sleep(life.clock, secondAtMs + secondMs - life.clock.nowMs() + jitterMs, signal);
      if (signal.aborted) return;
      const nowMs = life.clock.nowMs();
      const currentMs = nowMs - (nowMs % secondMs);
      const keptFromMs = currentMs - secondsTold * secondMs;
      // A clock that was set back tells its seconds again: they replace the earlier ones.
      if (secondAtMs > currentMs || secondAtMs < keptFromMs) secondAtMs = keptFromMs;
      for (; secondAtMs < currentMs; secondAtMs += secondMs) sampler.tellSecond(secondAtMs);
    }
  });

const tellLedgers = (life: Life, upstreams: Upstreams, events: RequestEvents): void =>
  life.run('ledger', async (signal) => {
    while (!signal.aborted) {
      await sleep(life.clock, countEveryMs, signal);
      events.count(upstreams.countable());
      events.wake(upstreams.all());
    }
  });

const listen = async (gateway: ProxyServer, config: Config): Promise<string> => {
  const { gatewayHost: host, gatewayPort: port } = config;
  try {
    const bound = await gateway.listen({ host, port });
    return `http://${bound.host}:${bound.port}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      `The gateway cannot listen on ${host}:${port} (${code}). ` +
      'Choose another port with FLYBALL_GATEWAY_PORT (0 takes a free one), or free that one.';
    throw new OutsideError('PORT_IN_USE', message, { retriable: false, cause: error });
  }
};

interface DrainParts {
  readonly config: Config;
  readonly life: Life;
  readonly gateway: ProxyServer;
  readonly upstreams: Upstreams;
  readonly events: RequestEvents;
  readonly outboxes: readonly Outbox[];
  readonly endHeartbeat: () => Promise<void>;
}

/** The end, in order; readiness has been taken back before the first step. */
const registerDrain = ({ life, upstreams, events, ...parts }: DrainParts): void => {
  // 1. Nothing new is accepted; what is in flight finishes, what is held may still find its pod.
  life.onDrain('requests', async () => {
    const graceMs = parts.config.drainMs;
    const shedAfter = life.clock.after(Math.max(0, graceMs - drainPollMs), () => {
      // 2. What is still held then is answered 503 + Retry-After.
      for (const upstream of upstreams.all()) upstream.holding.shedAll();
    });
    await parts.gateway.drain({ graceMs });
    shedAfter();
  });
  // 3. The ledger is told to its end.
  life.onDrain('ledger', async () => {
    const untilMs = life.clock.monotonicMs() + flushLimitMs;
    for (;;) {
      events.count(upstreams.countable());
      if (life.clock.monotonicMs() > untilMs) return;
      if (parts.outboxes.every((outbox) => outbox.pending === 0)) return;
      await sleep(life.clock, drainPollMs, new AbortController().signal);
    }
  });
  // 4. Only then is this activator gone: with its heartbeat the watcher would count losses.
  life.onDrain('heartbeat', parts.endHeartbeat);
};

const shareOf = (config: Config, life: Life, told: { metrics: ActivatorMetrics }) => ({
  budget: createHoldingBudget({
    requestsMax: config.heldRequestsMax,
    bytesMax: config.heldBytesMax,
  }),
  pace: createProbePace(),
  heldMax: config.heldPerWorkloadMax,
  holdMsMax: config.holdMsMax,
  nowMs: () => life.clock.nowMs(),
  onHeldMs: (heldMs: number) => told.metrics.heldSeconds.observe(heldMs / secondMs),
});

interface Wired {
  readonly gateway: ProxyServer;
  readonly upstreams: Upstreams;
  readonly events: RequestEvents;
  readonly sampler: Sampler;
  readonly outboxes: readonly Outbox[];
}

const wire = async (
  config: Config,
  life: Life,
  log: EventLog,
  identity: Identity,
): Promise<Wired> => {
  const partitionCount = await readPartitionCount(log);
  const metrics = createMetrics(life.metrics, () => upstreams);
  const history = openOutbox(log.events, life, metrics, Number.POSITIVE_INFINITY);
  const samples = openOutbox(log.samples, life, metrics, samplesRetryForMs);
  const nowMs = () => life.clock.nowMs();
  const told = { identity, partitionCount, nowMs };
  const events = createRequestEvents({ ...told, send: history.send, isPending: history.isPending });
  const sampler = createSampler({ ...told, send: samples.send, upstreams: () => upstreams.all() });
  const onUrgent = createUrgent({
    nowMs,
    tellNow: sampler.tellNow,
    soon: setImmediate,
    after: (delayMs, task) => void life.clock.after(delayMs, task),
  });
  const shared: UpstreamShared = { ...shareOf(config, life, { metrics }), onUrgent };
  const upstreams = createUpstreams(shared);
  const gateway = createGateway({
    domain: config.domain,
    bodyBytesMax: config.bodyBytesMax,
    shared,
    upstreamOf: (workload) => upstreams.get(workload),
    onAnswered: (status) => metrics.answered.inc({ code: String(status) }),
    onColdStart: ({ workload }, moments, traceparent) => {
      const firstByteAtMs = moments.firstByteAtMs ?? moments.lastByteAtMs;
      metrics.coldStartSeconds.observe((firstByteAtMs - moments.receivedAtMs) / secondMs);
      events.coldStart(workload, moments, traceparent);
    },
  });
  return { gateway, upstreams, events, sampler, outboxes: [history, samples] };
};

/** The whole log is one fold here; its snapshot is kept under this partition. */
const snapshotKey = { stage: 'activator', partition: 0 };

/** Follows the routes; resolves when they are those of the log's end for the first time. */
const startFollowing = (life: Life, log: EventLog, upstreams: Upstreams): Promise<void> => {
  const caughtUp = life.readiness('routes');
  const { promise, resolve } = Promise.withResolvers<void>();
  const options = {
    log,
    life,
    filter: allEventsFilter,
    snapshotKey,
    projection: routesProjection,
    onCaughtUp: (routes: Routes) => {
      upstreams.followAll(routes);
      caughtUp.set(true, 'the routes are those of the log');
      resolve();
    },
    onChanged: upstreams.follow,
  };
  life.run('routes', (signal) => followProjection(options, signal));
  return promise;
};

export const activator = defineService({
  name: 'activator',
  configSchema: activatorConfig,
  start: async (config, life) => {
    const log = await connectBus(config, life);
    const identity = createIdentity(life.incarnation);
    const wired = await wire(config, life, log, identity);
    const { gateway, upstreams, sampler, events } = wired;
    await startFollowing(life, log, upstreams);
    const heartbeat = startHeartbeat(log.leases, identity.instance, life);
    registerDrain({ ...wired, config, life, endHeartbeat: heartbeat.end });
    tellSeconds(life, sampler);
    tellLedgers(life, upstreams, events);
    life.announce({ gatewayUrl: await listen(gateway, config) });
  },
});
