/** A hostile client before a queue-proxy: its pod is given what was meant, and nothing stays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type RunningQueueProxy,
  startQueueProxy,
} from '../../integration/data-plane/queue-proxies.ts';
import { fuzz } from '../fuzz-runs.ts';
import { hardConnections } from './hard-connections.ts';
import { hostileBytes } from './hostile-bytes.ts';
import { type Attacked, attack, attackByFrames } from './hostile-client.ts';
import { hostileFrames } from './hostile-frames.ts';
import { type ProcessBase, rememberBase } from './process-base.ts';
import { type StrictPod, startStrictPod } from './strict-pod.ts';
import type { StrictRequest } from './strict-requests.ts';

const host = 'pod.example';

/** It stands behind an ingress or an activator: their word is kept, the mark is not passed on. */
const judgeHeaders = (headers: StrictRequest['headers']): void => {
  const names = headers.map(([name]) => name);
  expect(names).not.toContain('x-flyball-proxied');
  const [from, ...others] = headers.filter(([name]) => name === 'x-forwarded-for');
  expect(others).toEqual([]);
  expect(from?.[1]).toMatch(/(^|, )127\.0\.0\.1$/);
};

describe('the queue-proxy', () => {
  let proxy: RunningQueueProxy;
  let pod: StrictPod;
  let attacked: Attacked;
  let base: ProcessBase;

  beforeAll(async () => {
    pod = await startStrictPod();
    proxy = await startQueueProxy(pod.port, { FLYBALL_CONTAINER_CONCURRENCY: '3' });
    expect((await fetch(proxy.url)).status).toBe(200);
    pod.take();
    const inFlight = async () => {
      const { text } = await proxy.process.page('/metrics');
      return Number(/^flyball_queue_proxy_in_flight_requests (\S+)$/m.exec(text)?.[1]);
    };
    const { child, log } = proxy.process;
    const isAlive = () => child.exitCode === null && child.signalCode === null;
    attacked = {
      ...{ isAlive, log },
      port: Number(new URL(proxy.url).port),
      pod,
      inFlight,
      judgeHeaders,
      meant: [],
      count: 0,
    };
    base = rememberBase(proxy.process.child.pid ?? 0);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });

  it.each(hardConnections)('is not led astray by $name', async ({ text }) => {
    await attack(attacked, { bytes: text.replaceAll('HOST', host), cuts: [] });
  });

  it('is not led astray by what nobody has thought of', () =>
    fuzz(
      150,
      hostileBytes([host]),
      async (hostile) => {
        await attack(attacked, hostile);
      },
      { shrinks: false },
    ));

  it('is not led astray by frames of HTTP/2', () =>
    fuzz(150, hostileFrames([host]), (hostile) => attackByFrames(attacked, hostile), {
      shrinks: false,
    }));

  it('serves, and holds no more than before', async () => {
    expect(proxy.process.child.exitCode).toBeNull();
    // Each of its three slots is free again.
    const answers = await Promise.all(Array.from({ length: 9 }, () => fetch(proxy.url)));
    expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(200));
    await base.expectBack();
  });
});
