/** Asks every actor in its rhythm until it is told to stop, and counts how each request ended. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Actor, hostOf, keyOf } from './actors.ts';

const answerLimitMs = 90_000;
const afterFailureMs = 50;

export interface Outcome {
  readonly workload: string;
  /** A status, or the error of the connection. */
  readonly how: string;
  readonly sentAtMs: number;
  readonly endedAtMs: number;
}

export interface MixedLoad {
  /** Requests that have ended, by how. */
  readonly ended: ReadonlyMap<string, number>;
  /** Those that did not end with 200. */
  readonly failures: readonly Outcome[];
  /** Resolves when everything that was asked has ended. */
  stop(): Promise<void>;
}

const readToEnd = async (response: IncomingMessage): Promise<void> => {
  for await (const _chunk of response);
  if (!response.complete) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
};

const codeOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
};

const ask = (url: string, host: string, agent: Agent): Promise<string> =>
  new Promise((resolve) => {
    const asked = request(url, { agent, headers: { host }, timeout: answerLimitMs });
    asked.once('timeout', () => asked.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
    asked.once('error', (error) => resolve(codeOf(error)));
    asked.once('response', (response) => {
      readToEnd(response).then(
        () => resolve(String(response.statusCode)),
        (error: unknown) => resolve(codeOf(error)),
      );
    });
    asked.end();
  });

/** Begins to ask; the gateway must know the actors. */
export const startMixedLoad = (gatewayUrl: string, actors: readonly Actor[]): MixedLoad => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ended = new Map<string, number>();
  const failures: Outcome[] = [];
  const askOnce = async ({ name, rhythm }: Actor, agent: Agent): Promise<void> => {
    const sentAtMs = Date.now();
    const how = await ask(`${gatewayUrl}/?sleep=${rhythm.sleepMs}`, hostOf(name), agent);
    ended.set(how, (ended.get(how) ?? 0) + 1);
    if (how === '200') return;
    failures.push({ workload: keyOf(name), how, sentAtMs, endedAtMs: Date.now() });
    await wait(afterFailureMs);
  };
  const askFor = async (actor: Actor, agent: Agent): Promise<void> => {
    const untilMs = performance.now() + actor.rhythm.forMs;
    do await askOnce(actor, agent);
    while (performance.now() < untilMs && !signal.aborted);
  };
  const play = async (actor: Actor): Promise<void> => {
    const agent = new Agent({ keepAlive: true });
    while (!signal.aborted) {
      await Promise.all(Array.from({ length: actor.rhythm.atOnce }, () => askFor(actor, agent)));
      // An end of the pause by the signal is no error.
      await wait(actor.rhythm.pauseMs, undefined, { signal }).catch(() => undefined);
    }
    agent.destroy();
  };
  const done = Promise.all(actors.map(play));
  return {
    ended,
    failures,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
};
