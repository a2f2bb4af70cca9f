/** The queue-proxy as it is in a pod: the app's own probe, and an end that no request notices. */
import { Agent, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ask, startPod } from './http-ends.ts';
import { type RunningQueueProxy, startQueueProxy } from './queue-proxies.ts';
import { until, untilTrue } from './waiting.ts';

const readyStatus = async (proxy: RunningQueueProxy): Promise<number> =>
  (await proxy.process.page('/readyz')).status;

/** Asks over a kept connection; gives the status and whether the connection is to be closed. */
const askKept = (url: string, agent: Agent) =>
  new Promise<{ status: number; connection: string | undefined }>((resolve, reject) => {
    const asked = request(url, { agent, method: 'POST' }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection });
      });
    });
    asked.on('error', reject);
    asked.end('body');
  });

describe("the app's probe", () => {
  /** An app that listens before it is ready, as many do. */
  const startApp = async () => {
    let isReady = false;
    const served: string[] = [];
    const app = await startPod((_pod, incoming, response) => {
      const isProbe = incoming.url === '/ready';
      if (!isProbe) served.push(incoming.url ?? '');
      response.statusCode = isReady ? 200 : 503;
      response.end();
    });
    const setReady = (ready: boolean): void => {
      isReady = ready;
    };
    return { app, served, setReady };
  };
  const probe = (port: number) =>
    JSON.stringify({ httpGet: { path: '/ready', port }, periodSeconds: 1, failureThreshold: 1 });

  test('requests wait until it succeeds, and are served at once then', async () => {
    const { app, served, setReady } = await startApp();
    await using _app = app;
    await using proxy = await startQueueProxy(app.port, {
      FLYBALL_READINESS_PROBE: probe(app.port),
    });
    const { answer } = ask(`${proxy.url}/first`, 'pod');
    await untilTrue('it was asked', () => app.seen.length > 5);
    expect(served).toEqual([]);
    expect(await readyStatus(proxy)).toBe(503);
    setReady(true);
    expect((await answer).status).toBe(200);
    expect(served).toEqual(['/first']);
    expect(await readyStatus(proxy)).toBe(200);
  });

  test('one that fails later makes the pod unready, and ready again', async () => {
    const { app, setReady } = await startApp();
    await using _app = app;
    setReady(true);
    await using proxy = await startQueueProxy(app.port, {
      FLYBALL_READINESS_PROBE: probe(app.port),
    });
    await untilTrue('it is ready', async () => (await readyStatus(proxy)) === 200);
    setReady(false);
    await untilTrue('it is not', async () => (await readyStatus(proxy)) === 503);
    setReady(true);
    await untilTrue('it is again', async () => (await readyStatus(proxy)) === 200);
  });

  test('one that cannot be read ends it with the reason', async () => {
    const setting = { FLYBALL_READINESS_PROBE: '{"exec":{}}' };
    await expect(startQueueProxy(1, setting)).rejects.toThrow(/ended with 78.*exec/s);
  });
});

describe('the end of a pod to which requests are still sent', () => {
  test('no request fails before everybody has gone elsewhere', async () => {
    await using pod = await startPod();
    pod.free();
    await using proxy = await startQueueProxy(pod.port, { FLYBALL_KEEP_ACCEPTING_MS: '5000' });
    await untilTrue('it is ready', async () => (await readyStatus(proxy)) === 200);
    const agent = new Agent({ keepAlive: true });
    expect((await askKept(proxy.url, agent)).connection).toBe('keep-alive');
    const endsAtMs = performance.now() + 3_000;
    proxy.process.child.kill('SIGTERM');
    await untilTrue('it is not ready', async () => (await readyStatus(proxy)) === 503);
    const statuses = new Set<number>();
    let isClosing = false;
    do {
      const { status, connection } = await askKept(proxy.url, agent);
      statuses.add(status);
      isClosing = connection === 'close';
    } while (performance.now() < endsAtMs);
    expect([...statuses]).toEqual([200]);
    expect(isClosing).toBe(true);
    agent.destroy();
    expect(await proxy.process.ended()).toBe(0);
  });

  test("the app's preStop hook is answered when nothing is in flight any more", async () => {
    await using pod = await startPod();
    await using proxy = await startQueueProxy(pod.port);
    const { answer } = ask(`${proxy.url}/`, 'pod');
    await untilTrue('it is at the pod', () => pod.inFlight === 1);
    let isAnswered = false;
    const hook = proxy.process.page('/wait-for-drain').then(({ status }) => {
      isAnswered = true;
      return status;
    });
    proxy.process.child.kill('SIGTERM');
    await untilTrue('it drains', async () => (await readyStatus(proxy)) === 503);
    expect(isAnswered).toBe(false);
    pod.free();
    expect((await answer).status).toBe(200);
    expect(await hook).toBe(200);
    expect(await proxy.process.ended()).toBe(0);
    await until('it is gone', async () => {
      const again = await fetch(proxy.url).catch(() => 'refused');
      return again === 'refused' ? true : undefined;
    });
  });

  test('the hook of an app that is restarted alone does not end the pod', async () => {
    await using pod = await startPod();
    pod.free();
    await using proxy = await startQueueProxy(pod.port);
    await untilTrue('it is ready', async () => (await readyStatus(proxy)) === 200);
    const hook = await proxy.process.page('/wait-for-drain');
    expect([hook.status, hook.text]).toEqual([200, 'going on\n']);
    expect(await readyStatus(proxy)).toBe(200);
    expect((await ask(`${proxy.url}/`, 'pod').answer).status).toBe(200);
  });
});
