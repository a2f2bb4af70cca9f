/** The activator's end, in numbered steps. */

import type { ProxyServer } from '@flyball/proxy';
import { type Life, sleep } from '@flyball/service';
import type { Heartbeat } from './heartbeat.ts';
import type { Outbox } from './outbox.ts';
import type { RequestEvents } from './request-events.ts';
import type { Upstreams } from './upstreams.ts';

/** Refusals are on their way this long before connections are cut. */
const refuseBeforeCutMs = 20;
const pollMs = 20;
/** Longest wait for NATS to take the last of the ledger. */
const flushLimitMs = 2_000;

export interface DrainParts {
  readonly life: Life;
  readonly drainDelayMs: number;
  readonly drainMs: number;
  readonly gateway: ProxyServer;
  readonly upstreams: Upstreams;
  readonly events: RequestEvents;
  readonly outboxes: readonly Outbox[];
  readonly heartbeat: Heartbeat;
}

const never = new AbortController().signal;

/** True when everything that was held has been told of, and is stored. */
const tellToTheEnd = async ({ life, ...parts }: DrainParts): Promise<boolean> => {
  const untilMs = life.clock.monotonicMs() + flushLimitMs;
  for (;;) {
    parts.events.count(parts.upstreams.unsettled());
    if (parts.outboxes.every((outbox) => outbox.pending === 0)) return true;
    if (life.clock.monotonicMs() > untilMs) return false;
    await sleep(life.clock, pollMs, never);
  }
};

const endRequests = async ({ life, gateway, upstreams, drainMs }: DrainParts): Promise<void> => {
  const cancel = life.clock.after(Math.max(0, drainMs - refuseBeforeCutMs), () => {
    for (const upstream of upstreams.all()) upstream.holding.shedAll();
  });
  const { cut } = await gateway.drain({ graceMs: drainMs });
  cancel();
  if (cut > 0) life.logger.warn({ cut }, 'requests were cut because the time was over');
};

/** Registers the steps; readiness has been taken back before the first of them. */
export const registerDrain = (parts: DrainParts): void => {
  const { life } = parts;
  let toldToTheEnd = false;
  // 1. Requests are still taken, until whoever sends them has seen that this one is not ready;
  //    each answer closes its connection, so that none is reset when it is used once more.
  life.onDrain('delay', () => {
    parts.gateway.announceEnd();
    return sleep(life.clock, parts.drainDelayMs, never);
  });
  // 2. Nothing new is accepted; what is in flight finishes, what is held may still find its pod.
  //    What is held at the end of that time is answered 503 + Retry-After.
  life.onDrain('requests', () => endRequests(parts));
  // 3. The ledger is told to its end.
  life.onDrain('ledger', async () => {
    toldToTheEnd = await tellToTheEnd(parts);
  });
  // 4. Only then is this activator gone. With a ledger that NATS did not take, the heartbeat just
  //    stops: the watcher writes down as lost what the last count left open.
  life.onDrain('heartbeat', async () => {
    if (toldToTheEnd) await parts.heartbeat.end();
  });
};
