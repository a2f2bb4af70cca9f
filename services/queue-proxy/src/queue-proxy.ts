/** One pod's guard: forwards to it, never more at once than it may have, and counts. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createBalancer,
  createConcurrencyMeter,
  createHoldingBudget,
  createHoldingQueue,
  createProxyServer,
  defaultProxyLimits,
  type ForwardTarget,
  type HeldRequest,
  type ProxyServer,
  proxiedHeader,
  type SecondCount,
} from '@flyball/proxy';
import type { z } from 'zod';
import type { queueProxyConfig } from './config.ts';
import type { Counts } from './exposition.ts';
import { closeHealth, createHealth, listen } from './health.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { readProbe } from './readiness-probe.ts';

const secondMs = 1_000;
/** Headers and socket buffers of what waits, all together. */
const waitingBytesMax = 64 * 1_024 * 1_024;

/** What a pod without a limit of its own is given at once; the rest waits here. */
const inFlightMax = 20_000;
/** Refusals are on their way this long before connections are cut. */
const refuseBeforeCutMs = 20;
/**
 * A pod's end is told to all its containers at once. The app's preStop hook is run as well when
 * only the app is restarted, after a failed liveness probe: nothing more comes within this time.
 */
const endToldWithinMs = 2_000;

export type QueueProxyConfig = Readonly<z.infer<typeof queueProxyConfig>>;

export interface QueueProxy {
  readonly listenUrl: string;
  readonly healthUrl: string;
  /**
   * 1. Not ready at once, and answers ask clients to go elsewhere.
   * 2. For a time requests are still taken, as some are still sent here.
   * 3. What is in flight finishes within the limit.
   * 4. Those who wait for that are told, and everything closes.
   */
  drain(): Promise<void>;
}

const addressOf = (hostPort: string): { host: string; port: number } => {
  const colon = hostPort.lastIndexOf(':');
  const host = hostPort.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(hostPort.slice(colon + 1)) };
};

const targetOf = (config: QueueProxyConfig, readiness: Readiness | undefined): ForwardTarget => {
  const pods = createBalancer({
    containerConcurrency: config.containerConcurrency,
    inFlightPerPodMax: inFlightMax,
    ...(readiness && { seekContact: readiness.seekContact, onReachable: readiness.watch }),
  });
  const protocol = config.queueProtocol === 'h2c' ? 'h2c' : 'http1';
  pods.add({ id: 'pod', ...addressOf(config.queueTarget), protocol });
  const holding = createHoldingQueue<HeldRequest>({
    acquire: () => pods.acquire(),
    requestsMax: config.queuedRequestsMax,
    holdMsMax: config.requestTimeoutMs,
    budget: createHoldingBudget({
      requestsMax: config.queuedRequestsMax,
      bytesMax: waitingBytesMax,
    }),
  });
  pods.attach(holding);
  const { requestTimeoutMs } = config;
  const responseIdleTimeoutMs = Math.max(
    requestTimeoutMs,
    defaultProxyLimits.responseIdleTimeoutMs,
  );
  const limits = { responseStartTimeoutMs: requestTimeoutMs, responseIdleTimeoutMs };
  return { kind: 'target', pods, holding, ...limits };
};

const nothingYet = (secondStartMs: number): SecondCount => ({
  secondStartMs,
  concurrencyMilli: 0,
  proxiedConcurrencyMilli: 0,
  requests: 0,
  proxiedRequests: 0,
});

const countedServer = (
  target: ForwardTarget,
  { headersMsMax, bodyIdleMsMax }: QueueProxyConfig,
  nowMs: () => number,
) => {
  const startMs = nowMs();
  const meter = createConcurrencyMeter({ startMs });
  let requestsTotal = 0;
  const server = createProxyServer<ForwardTarget>({
    route: () => target,
    markHeader: proxiedHeader,
    setMark: false,
    limits: { headersTimeoutMs: headersMsMax, bodyIdleTimeoutMs: bodyIdleMsMax },
    hooks: {
      onStart: (_target, request) => meter.enter(nowMs(), request.marked),
      onEnd: (_target, request) => {
        requestsTotal += 1;
        meter.leave(nowMs(), request.marked);
      },
    },
  });
  const counts = (): Counts => {
    const atMs = nowMs();
    const secondStartMs = atMs - (atMs % secondMs) - secondMs;
    const rolled = meter.roll(secondStartMs);
    const beforeStart = secondStartMs + secondMs <= startMs;
    return {
      second: rolled ?? (beforeStart ? nothingYet(secondStartMs) : null),
      secondStartMs,
      inFlight: meter.inFlight,
      proxiedInFlight: meter.proxiedInFlight,
      waiting: target.holding?.ledger.waiting ?? 0,
      requestsTotal,
    };
  };
  return { server, counts };
};

/** Rejects with RangeError when the probe cannot be read. */
const readinessOf = (config: QueueProxyConfig): Readiness | undefined => {
  const read = readProbe(config.readinessProbe);
  if (!read.ok) throw new RangeError(`The readiness probe cannot be read: ${read.reason}.`);
  return read.probe && createReadiness(addressOf(config.queueTarget).host, read.probe);
};

const createDrain = (
  server: ProxyServer,
  target: ForwardTarget,
  { keepAcceptingMs, drainMs }: QueueProxyConfig,
): (() => Promise<void>) => {
  let drained: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    server.announceEnd();
    await sleep(keepAcceptingMs);
    // What waits may still find a slot; at the end of that time it is refused, not cut.
    const shedAfterMs = Math.max(0, drainMs - refuseBeforeCutMs);
    const refuse = setTimeout(() => target.holding?.shedAll(), shedAfterMs);
    await server.drain({ graceMs: drainMs });
    clearTimeout(refuse);
  };
  return () => {
    drained ??= run();
    return drained;
  };
};

/**
 * Starts the proxy and its health port. `nowMs` is the wall clock. Rejects with the error that says
 * which port is taken, and with RangeError when the probe cannot be read.
 */
export const startQueueProxy = async (
  config: QueueProxyConfig,
  nowMs: () => number = Date.now,
): Promise<QueueProxy> => {
  const readiness = readinessOf(config);
  const target = targetOf(config, readiness);
  const { server, counts } = countedServer(target, config, nowMs);
  const drained = createDrain(server, target, config);
  const end = Promise.withResolvers<void>();
  let draining = false;
  const drainServer = (): Promise<void> => {
    draining = true;
    end.resolve();
    return drained();
  };
  const drainedIfEnding = async (): Promise<'drained' | 'going on'> => {
    await Promise.race([end.promise, sleep(endToldWithinMs, undefined, { ref: false })]);
    if (!draining) return 'going on';
    await drained();
    return 'drained';
  };
  const isReachable = () => target.pods.pods.some((pod) => pod.phase === 'reachable');
  const health = createHealth({
    ready: () => !draining && isReachable() && (readiness?.isReady() ?? true),
    counts,
    drained: drainedIfEnding,
  });
  const bound = await server.listen(addressOf(config.queueListen));
  const healthUrl = await listen(health, config.healthHost, config.healthPort);
  return {
    listenUrl: `http://${bound.host}:${bound.port}`,
    healthUrl,
    drain: async () => {
      await drainServer();
      readiness?.close();
      target.pods.close();
      await closeHealth(health);
    },
  };
};
