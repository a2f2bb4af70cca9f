/** First contact: learns within milliseconds that a pod accepts connections, by trying. */

import { connect, type Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { unrefClock } from './clock.ts';

/** How a pod that does not accept yet is tried. */
export interface ProbeLimits {
  /** Waits between the first tries. */
  readonly firstDelaysMs: readonly number[];
  /** Wait between later tries, while the pod is expected any moment. */
  readonly delayMs: number;
  /** How long a pod is expected any moment; after that it is tried at the slow pace. */
  readonly eagerMs: number;
  readonly slowDelayMs: number;
  /**
   * Tries open at once. A refusal comes back at once; an address that swallows packets does not, so
   * new tries start beside the old ones instead of waiting for them.
   */
  readonly openMax: number;
  /** Longest life of the oldest open try, for pods that are far away. */
  readonly patienceMs: number;
  /** Tries started per second by all probers that share a pace; beyond, all of them slow down. */
  readonly triesPerSecondMax: number;
}

export const defaultProbeLimits: ProbeLimits = Object.freeze({
  firstDelaysMs: [1, 2],
  delayMs: 4,
  eagerMs: 30_000,
  slowDelayMs: 100,
  openMax: 4,
  patienceMs: 1_000,
  triesPerSecondMax: 1_000,
});

/** How many probers run now; shared, so that a thousand starting pods do not eat the machine. */
export interface ProbePace {
  probing: number;
}

export const createProbePace = (): ProbePace => ({ probing: 0 });

export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: ProbeLimits;
  readonly pace: ProbePace;
  readonly clock?: Clock;
  /** Called once, when a connection was accepted; the prober has ended by then. */
  readonly onReachable: (tries: number) => void;
}

/** The wait before the next try, after `tries` tries over `elapsedMs`. */
export const probeDelayMs = (
  limits: ProbeLimits,
  tries: number,
  elapsedMs: number,
  probing: number,
): number => {
  const early = limits.firstDelaysMs[tries - 1];
  const wanted = elapsedMs >= limits.eagerMs ? limits.slowDelayMs : (early ?? limits.delayMs);
  return Math.max(wanted, (probing * 1_000) / limits.triesPerSecondMax);
};

interface Try {
  readonly socket: Socket;
  readonly startedAtMs: number;
}

/** Starts to probe one pod; the returned function stops it. */
export const startProbe = (options: ProbeOptions): (() => void) => {
  const { limits, pace, host, port } = options;
  const clock = options.clock ?? unrefClock;
  const startedAtMs = clock.monotonicMs();
  const open: Try[] = [];
  let tries = 0;
  let ended = false;
  let cancelNext: (() => void) | null = null;

  const end = (): void => {
    if (ended) return;
    ended = true;
    pace.probing--;
    cancelNext?.();
    for (const one of open) one.socket.destroy();
    open.length = 0;
  };

  const forget = (socket: Socket): void => {
    const at = open.findIndex((one) => one.socket === socket);
    if (at >= 0) open.splice(at, 1);
    socket.destroy();
  };

  /** Makes room for one more try: the oldest is kept as the patient one unless it is too old. */
  const makeRoom = (): void => {
    const oldest = open[0];
    if (oldest !== undefined && clock.monotonicMs() - oldest.startedAtMs > limits.patienceMs) {
      forget(oldest.socket);
    }
    while (open.length >= limits.openMax) forget((open[1] ?? (open[0] as Try)).socket);
  };

  const attempt = (): void => {
    makeRoom();
    tries++;
    const socket = connect({ host, port });
    open.push({ socket, startedAtMs: clock.monotonicMs() });
    socket.once('connect', () => {
      if (ended) return;
      end();
      options.onReachable(tries);
    });
    socket.on('error', () => forget(socket));
    const delayMs = probeDelayMs(limits, tries, clock.monotonicMs() - startedAtMs, pace.probing);
    cancelNext = clock.after(delayMs, attempt);
  };

  pace.probing++;
  attempt();
  return end;
};
