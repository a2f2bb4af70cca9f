/** Asks every actor in its rhythm until it is told to stop, and counts how each request ended. */
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { askToEnd } from '../../faults/load/ask-to-end.ts';
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

/** Begins to ask; the gateway must know the actors. */
export const startMixedLoad = (gatewayUrl: string, actors: readonly Actor[]): MixedLoad => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ended = new Map<string, number>();
  const failures: Outcome[] = [];
  const askOnce = async ({ name, rhythm }: Actor, agent: Agent): Promise<void> => {
    const sentAtMs = Date.now();
    const how = await askToEnd({
      url: `${gatewayUrl}/?sleep=${rhythm.sleepMs}`,
      host: hostOf(name),
      agent,
      limitMs: answerLimitMs,
    });
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
