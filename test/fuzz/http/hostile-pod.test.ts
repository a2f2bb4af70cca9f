/** A hostile pod behind queue-proxies: its clients are told something, and nobody else notices. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningQueueProxy,
  startQueueProxy,
} from '../../integration/data-plane/queue-proxies.ts';
import { untilTrue } from '../../integration/data-plane/waiting.ts';
import { fuzz } from '../fuzz-runs.ts';
import { hostileAnswers, plainClients } from './hostile-answers.ts';
import { exchange } from './hostile-client.ts';
import { type HostileAnswer, type HostilePod, startHostilePod } from './hostile-pod.ts';
import { type ProcessBase, rememberBase } from './process-base.ts';

const soundBytes = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe.each(['http1', 'h2c'])('before a hostile pod of %s', (protocol) => {
  let pod: HostilePod;
  let proxy: RunningQueueProxy;
  let base: ProcessBase;

  beforeAll(async () => {
    pod = await startHostilePod();
    proxy = await startQueueProxy(pod.port, {
      FLYBALL_QUEUE_PROTOCOL: protocol,
      FLYBALL_CONTAINER_CONCURRENCY: '3',
    });
    base = rememberBase(proxy.process.child.pid ?? 0);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });

  const expectAlive = (): void => {
    const { child, log } = proxy.process;
    expect([child.exitCode, child.signalCode], log()).toEqual([null, null]);
  };
  const askFor = async (bytes: string, answer: HostileAnswer, breaks: boolean): Promise<void> => {
    pod.answer = answer;
    const port = Number(new URL(proxy.url).port);
    const told = await exchange(port, { bytes, cuts: [], breaks });
    await untilTrue('nothing is in flight', async () => {
      expectAlive();
      const { text } = await proxy.process.page('/metrics');
      return /^flyball_queue_proxy_in_flight_requests 0$/m.test(text);
    });
    expect(told).not.toMatch(/\n\s+at |node:|\/src\//);
    if (!bytes.startsWith('PRI')) expect(told).toMatch(/^(HTTP\/1\.1 \d{3} |$)/);
  };

  it('lives on, whatever it answers', () =>
    fuzz(
      250,
      fc.tuple(plainClients, hostileAnswers, fc.boolean()),
      (example) => askFor(...example),
      { shrinks: false },
    ));

  it('owes nobody an answer, and holds no more than before', async () => {
    expectAlive();
    pod.answer = { bytes: soundBytes, frames: [], ending: 'stays' };
    if (protocol === 'http1') expect((await fetch(proxy.url)).status).toBe(200);
    await base.expectBack();
  });
});
