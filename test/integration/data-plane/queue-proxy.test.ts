/** The queue-proxy as a process before a real server: its guard, its counts, its end. */
import { plainSamples } from '@flyball/domain';
import { describe, expect, test } from 'vitest';
import { type Asked, ask, type Pod, startPod } from './http-ends.ts';
import { startQueueProxy } from './queue-proxies.ts';
import { until, untilTrue } from './waiting.ts';

const askTimes = (url: string, times: number, headers: Record<string, string> = {}): Asked[] =>
  Array.from({ length: times }, () => ask(`${url}/`, 'pod', headers));

const statusesOf = (asked: readonly Asked[]): Promise<number[]> =>
  Promise.all(asked.map(async ({ answer }) => (await answer).status));

const metricsOf = async (healthUrl: string): Promise<ReadonlyMap<string, number>> =>
  plainSamples(await (await fetch(`${healthUrl}/metrics`)).text());

const freedPod = async (): Promise<Pod> => {
  const pod = await startPod();
  pod.free();
  return pod;
};

describe('the guard', () => {
  test('never more than containerConcurrency at the pod; the rest waits its turn', async () => {
    await using pod = await startPod();
    await using proxy = await startQueueProxy(pod.port, { FLYBALL_CONTAINER_CONCURRENCY: '2' });
    const asked = askTimes(proxy.url, 6);
    const waiting = async () =>
      (await metricsOf(proxy.healthUrl)).get('flyball_queue_proxy_waiting_requests');
    await untilTrue('four wait', async () => (await waiting()) === 4);
    await untilTrue('two are at the pod', () => pod.inFlight === 2);
    pod.free();
    expect(await statusesOf(asked)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(pod.inFlightMost).toBe(2);
  });

  test('more than may wait is refused at once', async () => {
    await using pod = await startPod();
    await using proxy = await startQueueProxy(pod.port, {
      FLYBALL_CONTAINER_CONCURRENCY: '1',
      FLYBALL_QUEUED_REQUESTS_MAX: '1',
    });
    const asked = askTimes(proxy.url, 4);
    const statuses = statusesOf(asked);
    await untilTrue('two are refused', async () => {
      const page = await metricsOf(proxy.healthUrl);
      return page.get('flyball_queue_proxy_requests_total') === 2;
    });
    pod.free();
    expect((await statuses).sort()).toEqual([200, 200, 503, 503]);
  });

  test('it is ready only when its pod can be reached', async () => {
    const pod = await freedPod();
    const { port } = pod;
    await pod[Symbol.asyncDispose]();
    await using proxy = await startQueueProxy(port);
    expect((await proxy.process.page('/readyz')).status).toBe(503);
    await using again = await startPod(undefined, port);
    again.free();
    await untilTrue('it is ready', async () => {
      return (await proxy.process.page('/readyz')).status === 200;
    });
  });
});

describe('the counts', () => {
  test('of a whole second, and the part that an activator has counted', async () => {
    await using pod = await startPod();
    await using proxy = await startQueueProxy(pod.port);
    const own = askTimes(proxy.url, 1);
    const proxied = askTimes(proxy.url, 2, { 'x-flyball-proxied': '1' });
    const page = await until('a whole second of three', async () => {
      const samples = await metricsOf(proxy.healthUrl);
      const average = samples.get('flyball_queue_proxy_average_concurrent_requests');
      return average === 3 ? samples : undefined;
    });
    expect(page.get('flyball_queue_proxy_average_proxied_concurrent_requests')).toBe(2);
    expect(page.get('flyball_queue_proxy_in_flight_requests')).toBe(3);
    expect(page.get('flyball_queue_proxy_proxied_in_flight_requests')).toBe(2);
    expect(Number(page.get('flyball_queue_proxy_second_timestamp_seconds')) % 1).toBe(0);
    pod.free();
    expect(await statusesOf([...own, ...proxied])).toEqual([200, 200, 200]);
    await untilTrue('all have ended', async () => {
      const samples = await metricsOf(proxy.healthUrl);
      return samples.get('flyball_queue_proxy_requests_total') === 3;
    });
  });

  test('are a page in the Prometheus text format', async () => {
    await using pod = await freedPod();
    await using proxy = await startQueueProxy(pod.port);
    const response = await fetch(`${proxy.healthUrl}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    const lines = (await response.text()).trimEnd().split('\n');
    const names = plainSamples(lines.join('\n'));
    expect(names.size).toBe(lines.length / 3);
    for (const name of names.keys()) {
      expect(lines).toContain(`# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}`);
    }
  });
});

describe('SIGTERM', () => {
  test('what is in flight and what waits is answered; then it ends', async () => {
    await using pod = await startPod();
    await using proxy = await startQueueProxy(pod.port, { FLYBALL_CONTAINER_CONCURRENCY: '1' });
    const asked = askTimes(proxy.url, 2);
    await untilTrue('one is at the pod', () => pod.inFlight === 1);
    await untilTrue('one waits', async () => {
      const samples = await metricsOf(proxy.healthUrl);
      return samples.get('flyball_queue_proxy_waiting_requests') === 1;
    });
    proxy.process.child.kill('SIGTERM');
    await untilTrue('it is not ready', async () => {
      return (await proxy.process.page('/readyz')).status === 503;
    });
    pod.free();
    expect(await statusesOf(asked)).toEqual([200, 200]);
    expect(await proxy.process.ended()).toBe(0);
  });

  test('what still waits at the end of its time is refused', async () => {
    await using pod = await startPod();
    await using proxy = await startQueueProxy(pod.port, {
      FLYBALL_CONTAINER_CONCURRENCY: '1',
      FLYBALL_DRAIN_MS: '300',
    });
    const [first, second] = [ask(`${proxy.url}/`, 'pod'), ask(`${proxy.url}/`, 'pod')];
    const answers = Promise.allSettled([first.answer, second.answer]);
    await untilTrue('one is at the pod', () => pod.inFlight === 1);
    proxy.process.child.kill('SIGTERM');
    expect(await proxy.process.ended()).toBe(0);
    const settled = await answers;
    const served = settled.filter((one) => one.status === 'fulfilled' && one.value.status === 503);
    expect(served).toHaveLength(1);
  });
});

test('settings that cannot be taken end it with all problems', async () => {
  const started = startQueueProxy(8_080, {
    FLYBALL_CONTAINER_CONCURRENCY: '-1',
    FLYBALL_QUEUE_LISTEN: '127.0.0.1:99999',
  });
  await expect(started).rejects.toThrow(/ended with 78.*QUEUE_LISTEN.*CONTAINER_CONCURRENCY/s);
});
