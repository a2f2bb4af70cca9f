/** The activator: configuration → connections → wiring → run. */
import { allEventsFilter, OutsideError } from '@flyball/contracts';
import { type Routes, routesProjection } from '@flyball/domain';
import { type EventLog, type EventStream, readPartitionCount } from '@flyball/event-log';
import { createHoldingBudget, createProbePace, type ProxyServer } from '@flyball/proxy';
import {
  connectBus,
  defineService,
  followProjection,
  type Life,
  retryOutside,
} from '@flyball/service';
import type { z } from 'zod';
import { activatorConfig } from './config.ts';
import { registerDrain } from './drain.ts';
import { createGateway } from './gateway.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createIdentity, type Identity } from './identity.ts';
import { type ActivatorMetrics, createMetrics } from './metrics.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createRequestEvents, type RequestEvents } from './request-events.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { tellLedgers, tellSeconds } from './tell-loops.ts';
import type { UpstreamShared } from './upstream.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';
import { createUrgent } from './urgent.ts';

const secondMs = 1_000;
/** History is never given up while the activator lives. */
const forever = Number.POSITIVE_INFINITY;

type Config = Readonly<z.infer<typeof activatorConfig>>;

const openOutbox = (
  stream: EventStream,
  life: Life,
  metrics: ActivatorMetrics,
  readBack: boolean,
): Outbox =>
  createOutbox({
    stream,
    readBack,
    clock: life.clock,
    signal: life.signal,
    onRetry: ({ subject, id }, error) =>
      life.logger.warn({ err: error, subject, id }, 'a message is tried again'),
    onLost: ({ subject, id }, error) => {
      metrics.lostMessages.inc({ stream: stream.name });
      life.logger.error({ err: error, subject, id }, 'gave up a message');
    },
  });

const listen = async (gateway: ProxyServer, config: Config): Promise<string> => {
  const { gatewayHost: host, gatewayPort: port } = config;
  try {
    const bound = await gateway.listen({ host, port });
    return `http://${bound.host.includes(':') ? `[${bound.host}]` : bound.host}:${bound.port}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      `The gateway cannot listen on ${host}:${port} (${code}). ` +
      'Choose another port with FLYBALL_GATEWAY_PORT (0 takes a free one), or free that one.';
    throw new OutsideError('PORT_IN_USE', message, { retriable: false, cause: error });
  }
};

/** Without NATS requests flow on, so that its absence must not take the gateway out of the path. */
const stayReadyWithout = (log: EventLog, life: Life): void => {
  const nats = life.readiness('nats');
  log.onStatus((status) => nats.set(true, `NATS: ${status}; requests flow either way`));
};

const shareOf = (config: Config, life: Life, metrics: ActivatorMetrics) => ({
  budget: createHoldingBudget({
    requestsMax: config.heldRequestsMax,
    bytesMax: config.heldBytesMax,
  }),
  pace: createProbePace(),
  heldMax: config.heldPerWorkloadMax,
  holdMsMax: config.holdMsMax,
  nowMs: () => life.clock.nowMs(),
  onHeldMs: (heldMs: number) => metrics.heldSeconds.observe(heldMs / secondMs),
  onBadAddress: (workload: string, pod: string, address: string) =>
    life.logger.error({ workload, pod, address }, 'nobody can connect to this address'),
});

interface Wired {
  readonly gateway: ProxyServer;
  readonly upstreams: Upstreams;
  readonly events: RequestEvents;
  readonly sampler: Sampler;
  readonly outboxes: readonly Outbox[];
}

const wire = (
  config: Config,
  life: Life,
  log: EventLog,
  told: { readonly identity: Identity; readonly partitionCount: number },
): Wired => {
  const nowMs = () => life.clock.nowMs();
  const metrics = createMetrics(life.metrics, () => upstreams);
  const history = openOutbox(log.events, life, metrics, true);
  const samples = openOutbox(log.samples, life, metrics, false);
  const { isPending } = history;
  const send: Parameters<typeof createRequestEvents>[0]['send'] = (message) =>
    history.send(message, forever);
  const events = createRequestEvents({ ...told, nowMs, send, isPending });
  const sampler = createSampler({
    ...told,
    nowMs,
    send: samples.send,
    upstreams: () => upstreams.all(),
  });
  const onUrgent = createUrgent({
    monotonicMs: () => life.clock.monotonicMs(),
    tellNow: sampler.tellNow,
    soon: setImmediate,
    after: (delayMs, task) => void life.clock.after(delayMs, task),
  });
  const shared: Omit<UpstreamShared, 'onStirred'> = {
    ...shareOf(config, life, metrics),
    onUrgent,
  };
  const upstreams = createUpstreams(shared);
  const gateway = createGateway({
    domain: config.domain,
    bodyBytesMax: config.bodyBytesMax,
    shared,
    upstreamOf: (workload) => upstreams.get(workload),
    onAnswered: metrics.onAnswered,
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

export const activator = defineService({
  name: 'activator',
  configSchema: activatorConfig,
  start: async (config, life) => {
    const log = await connectBus(config, life);
    stayReadyWithout(log, life);
    const identity = createIdentity(life.incarnation);
    const partitionCount = await readPartitionCount(log);
    const wired = wire(config, life, log, { identity, partitionCount });
    // Until the routes are known every request would be refused: nothing listens before.
    await startFollowing(life, log, wired.upstreams);
    const heartbeat = await startHeartbeat(log.leases, identity.instance, life);
    const { drainDelayMs, drainMs } = config;
    registerDrain({ ...wired, life, drainDelayMs, drainMs, heartbeat });
    tellSeconds(life, wired.sampler);
    tellLedgers(life, wired.upstreams, wired.events);
    life.announce({ gatewayUrl: await listen(wired.gateway, config) });
  },
});
