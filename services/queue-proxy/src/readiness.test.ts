/** First contact by the app's own probe: whatever its path, and at once after a lost connection. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createReadiness } from './readiness.ts';
import { readProbe } from './readiness-probe.ts';

const startApp = async () => {
  const asked: string[] = [];
  const headers: string[][] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    headers.push(request.rawHeaders);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { asked, headers, port: (server.address() as AddressInfo).port };
};

const readinessBy = (setting: object) => {
  const read = readProbe(JSON.stringify(setting));
  if (!read.ok || read.probe === undefined) throw new Error(`no probe: ${JSON.stringify(read)}`);
  return createReadiness('127.0.0.1', read.probe);
};

/** Seeks contact at this port; counts how often it was found. */
const seek = (readiness: ReturnType<typeof createReadiness>, port: number) => {
  const found = { times: 0 };
  const stop = readiness.seekContact({
    ...{ host: '127.0.0.1', port },
    limits: {} as never,
    pace: { probing: 0 },
    onReachable: () => {
      found.times += 1;
    },
  });
  onTestFinished(stop);
  return found;
};

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['/health check', '/health%20check'],
  ['/zustand/größe?zahl=½', '/zustand/gr%C3%B6%C3%9Fe?zahl=%C2%BD'],
  ['/encoded%20before', '/encoded%20before'],
  ['/half%2', '/half%252'],
  ['/line\nend', '/line%0Aend'],
  ['/lone\ud800', '/lone%EF%BF%BD'],
  ['ready', '/ready'],
  ['', '/'],
])('a probe at %j asks for %s', async (path, asked) => {
  const app = await startApp();
  const found = seek(readinessBy({ httpGet: { path, port: app.port } }), app.port);
  await expect.poll(() => found.times).toBe(1);
  expect(app.asked).toEqual([asked]);
});

test('header values go as bytes of UTF-8', async () => {
  const app = await startApp();
  const httpHeaders = [{ name: 'X-Size', value: 'größer' }];
  const found = seek(readinessBy({ httpGet: { port: app.port, httpHeaders } }), app.port);
  await expect.poll(() => found.times).toBe(1);
  const raw = app.headers[0] ?? [];
  const value = raw[raw.indexOf('X-Size') + 1] ?? '';
  expect(Buffer.from(value, 'latin1').toString()).toBe('größer');
});

test('a try that node refuses to make has failed, and others follow', async () => {
  const app = await startApp();
  const httpHeaders = [{ name: 'Trailer', value: 'x' }];
  const found = seek(readinessBy({ httpGet: { port: app.port, httpHeaders } }), app.port);
  const tries = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => tries.mockRestore());
  await expect.poll(() => tries.mock.calls.length).toBeGreaterThan(8);
  expect([found.times, app.asked]).toEqual([0, []]);
});

test('a lost pod is sought at once: the initial delay is for its start alone', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const app = await startApp();
  const initialDelaySeconds = 30;
  const readiness = readinessBy({ tcpSocket: { port: app.port }, initialDelaySeconds });
  const first = seek(readiness, app.port);
  vi.advanceTimersByTime(initialDelaySeconds * 1_000 - 1);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1);
  await vi.waitFor(() => expect(first.times).toBe(1));
  const second = seek(readiness, app.port);
  vi.advanceTimersByTime(0);
  await vi.waitFor(() => expect(second.times).toBe(1));
});
