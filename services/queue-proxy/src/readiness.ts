/** Asks the pod's own server whether it is ready: often until it first is, then now and then. */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { SeekContact } from '@flyball/proxy';
import type { ReadinessProbe } from './readiness-probe.ts';

/** Waits before the first tries; a cold start ends with one of them. */
const firstDelaysMs = [1, 2, 4, 8, 16] as const;
const eagerDelayMs = 25;
/** After this time the pod is asked as seldom as its probe says. */
const eagerMs = 60_000;
const secondMs = 1_000;

export interface Readiness {
  /** How first contact with the pod is sought: by its probe. */
  readonly seekContact: SeekContact;
  /** Asks from now on as often as the probe says. */
  watch(): void;
  /** False when the probe has failed too often since. */
  isReady(): boolean;
  close(): void;
}

const isGood = (status: number): boolean => status >= 200 && status < 400;

type HttpGet = NonNullable<ReadinessProbe['httpGet']>;

const askHttp = (host: string, { path, port, httpHeaders }: HttpGet, timeoutMs: number) =>
  new Promise<boolean>((resolve) => {
    const headers = { connection: 'close', 'user-agent': 'flyball-probe' };
    const given = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
    const asked = request({ host, port, path, headers: { ...headers, ...given }, agent: false });
    // Of the whole: a request's own timeout begins only once it is connected.
    const late = setTimeout(() => asked.destroy(new Error('too slow')), timeoutMs);
    asked.on('response', (response) => {
      response.resume();
      resolve(isGood(response.statusCode ?? 0));
    });
    asked.on('error', () => resolve(false));
    asked.on('close', () => clearTimeout(late));
    asked.end();
  });

const askTcp = (host: string, port: number, timeoutMs: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const answer = (good: boolean) => () => {
      socket.destroy();
      resolve(good);
    };
    socket.once('connect', answer(true));
    socket.once('timeout', answer(false));
    socket.once('error', answer(false));
  });

/** One try; never rejects. */
const ask = (host: string, probe: ReadinessProbe): Promise<boolean> => {
  const timeoutMs = probe.timeoutSeconds * secondMs;
  if (probe.httpGet === undefined) return askTcp(host, probe.tcpSocket?.port ?? 0, timeoutMs);
  // node throws for a request that it will not send.
  return askHttp(host, probe.httpGet, timeoutMs).catch(() => false);
};

/** Tries after a delay, then until the first success; the returned function ends it. */
const seek = (
  host: string,
  probe: ReadinessProbe,
  startDelayMs: number,
  onReachable: (tries: number) => void,
): (() => void) => {
  const periodMs = probe.periodSeconds * secondMs;
  const startedAtMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let tries = 0;
  let ended = false;
  const attempt = async (): Promise<void> => {
    tries += 1;
    const good = await ask(host, probe);
    if (ended) return;
    if (good) {
      ended = true;
      onReachable(tries);
      return;
    }
    const isEager = performance.now() - startedAtMs < eagerMs;
    const delayMs = isEager ? (firstDelaysMs[tries - 1] ?? eagerDelayMs) : periodMs;
    timer = setTimeout(() => void attempt(), delayMs);
  };
  timer = setTimeout(() => void attempt(), startDelayMs);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
};

export const createReadiness = (host: string, probe: ReadinessProbe): Readiness => {
  let ready = true;
  let sinceTurn = 0;
  // Of the app's start: one whose connection was lost has started long ago.
  let startDelayMs = probe.initialDelaySeconds * secondMs;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const good = await ask(host, probe);
    if (timer === undefined) return;
    sinceTurn = good === ready ? 0 : sinceTurn + 1;
    const enough = ready ? probe.failureThreshold : probe.successThreshold;
    if (sinceTurn >= enough) {
      ready = good;
      sinceTurn = 0;
    }
    again();
  };
  const again = (): void => {
    timer = setTimeout(() => void look(), probe.periodSeconds * secondMs);
    timer.unref();
  };
  return {
    seekContact: ({ onReachable }) => {
      const delayMs = startDelayMs;
      startDelayMs = 0;
      return seek(host, probe, delayMs, onReachable);
    },
    watch: () => {
      if (timer === undefined) again();
    },
    isReady: () => ready,
    close: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
};
