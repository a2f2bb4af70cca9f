/** Requests that wait: for a first pod, for a slot, in order, and every one of them answered. */

import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ask, freePort, rawClient, startGate, startPod, until } from './loopback-fixture.ts';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

const balanced = (ledger: { [name: string]: number }): boolean => {
  const { held = 0, released = 0, timedOut = 0, shed = 0, abandoned = 0, waiting = 0 } = ledger;
  return held === released + timedOut + shed + abandoned + waiting;
};

describe('first contact', () => {
  test('requests for a pod that does not listen yet are held and served once it does', async () => {
    const podPort = await freePort();
    const reached: string[] = [];
    const { port, holding, pods, server } = await startGate({
      ports: [podPort],
      probe: true,
      holding: {},
      balancer: { onReachable: (pod) => reached.push(pod.id) },
    });
    const answers = Promise.all(
      [1, 2, 3].map((n) => ask(port, `/${n}`, { method: 'POST', body: ['b'] })),
    );
    await until('all are held', () => holding?.ledger.waiting === 3);
    expect(pods.acquire()).toBeNull();
    await startPod((request, response) => request.pipe(response), podPort);
    expect((await answers).map((answer) => answer.body.toString())).toEqual(['b', 'b', 'b']);
    expect(reached).toEqual(['pod-0']);
    expect(holding?.ledger).toEqual({
      held: 3,
      released: 3,
      timedOut: 0,
      shed: 0,
      abandoned: 0,
      waiting: 0,
      waitingBytes: 0,
    });
    expect(server.inFlight).toBe(0);
  });

  test('a pod that is lost is probed again, and its requests are held, not failed', async () => {
    const first = await startPod((_, response) => response.end('before'));
    const reached: string[] = [];
    const { port, holding, pods, ends } = await startGate({
      ports: [first.port],
      holding: {},
      balancer: { onReachable: (pod) => reached.push(pod.id) },
    });
    expect((await ask(port, '/')).body.toString()).toBe('before');
    await first.stop();
    const answer = ask(port, '/', { method: 'POST', body: ['kept'] });
    await until('it is held', () => holding?.ledger.waiting === 1);
    expect(pods.pods.map((pod) => pod.phase)).toEqual(['probing']);
    await startPod((request, response) => request.pipe(response), first.port);
    expect((await answer).body.toString()).toBe('kept');
    expect(reached).toEqual(['pod-0', 'pod-0']);
    expect(ends).toEqual(['200 answered', '200 answered']);
  });
});

describe('what the caller sees', () => {
  test('one request object in every call: its trace, its pod, a note', async () => {
    const podPort = await freePort();
    const calls: string[] = [];
    const { port, holding } = await startGate({
      ports: [podPort],
      probe: true,
      holding: {
        onHeld: (request) => {
          calls.push(`held ${request.traceparent} ${request.pod?.id}`);
          request.note = 'was held';
        },
      },
      hooks: {
        onStart: (_, request) => calls.push(`start ${request.httpVersion} ${request.note}`),
        onFirstByte: (_, request, status) => calls.push(`first ${status} ${request.pod?.id}`),
        onEnd: (_, request, status) =>
          calls.push(`end ${status} ${request.pod?.id} ${request.note}`),
      },
    });
    const answer = ask(port, '/', { headers: { traceparent: '00-aa-bb-01' } });
    await until('it is held', () => holding?.ledger.waiting === 1);
    await startPod((_, response) => response.end('ok'), podPort);
    await answer;
    expect(calls).toEqual([
      'start 1.1 null',
      'held 00-aa-bb-01 undefined',
      'first 200 pod-0',
      'end 200 pod-0 was held',
    ]);
  });
});

describe('slots', () => {
  test('with one slot, requests are served one at a time and in order', async () => {
    const order: string[] = [];
    const open: ServerResponse[] = [];
    let most = 0;
    const pod = await startPod((request, response) => {
      order.push(request.url ?? '');
      open.push(response);
      most = Math.max(most, open.length);
    });
    const { port, holding } = await startGate({
      ports: [pod.port],
      holding: {},
      balancer: { containerConcurrency: 1 },
    });
    const paths = ['/0', '/1', '/2', '/3', '/4'];
    const answers: Promise<unknown>[] = [];
    for (const [at, path] of paths.entries()) {
      answers.push(ask(port, path));
      await until('it arrives', () => open.length + (holding?.ledger.waiting ?? 0) === at + 1);
    }
    for (let served = 1; served <= paths.length; served++) {
      await until('one is being served', () => open.length === 1 && order.length === served);
      (open.pop() as ServerResponse).end('done');
    }
    await Promise.all(answers);
    expect(order).toEqual(paths);
    expect(most).toBe(1);
    expect(holding?.ledger.released).toBe(4);
  });

  test('more slots, more concurrency or another pod release who waits at once', async () => {
    const open: ServerResponse[] = [];
    const pod = () =>
      startPod((_, response) => {
        open.push(response);
      });
    const first = await pod();
    const { port, holding, pods } = await startGate({
      ports: [first.port],
      holding: {},
      balancer: { containerConcurrency: 1 },
    });
    const answers = Array.from({ length: 6 }, () => ask(port, '/'));
    await until('one served, five held', () => open.length === 1 && holding?.ledger.waiting === 5);
    pods.setContainerConcurrency(2);
    await until('two served', () => open.length === 2);
    pods.add({ id: 'pod-0', host: '127.0.0.1', port: first.port, slots: 3 });
    await until('three served', () => open.length === 3);
    pods.add({ id: 'pod-1', host: '127.0.0.1', port: (await pod()).port, slots: 2 });
    await until('five served', () => open.length === 5);
    expect(holding?.ledger.waiting).toBe(1);
    for (const response of open) response.end('done');
    await until('the last one', () => open.length === 6);
    open[5]?.end('done');
    await Promise.all(answers);
  });

  test('a share of no slots takes nothing', async () => {
    const pod = await startPod((_, response) => response.end('ok'));
    const { port, pods } = await startGate({ ports: [pod.port] });
    const known = { id: 'pod-0', host: '127.0.0.1', port: pod.port };
    pods.add({ ...known, slots: 0 });
    expect((await ask(port, '/')).status).toBe(503);
    expect(() => pods.add({ ...known, slots: -1 })).toThrow('slots is -1');
  });
});

describe('ends', () => {
  test('held too long is 504', async () => {
    const { port, holding, ends, holds } = await startGate({ holding: { holdMsMax: 60 } });
    const answer = await ask(port, '/');
    expect(answer.status).toBe(504);
    expect(answer.body.toString()).toBe(
      'The request was held, but no pod could take it in time.\n',
    );
    expect(ends).toEqual(['504 timedOut']);
    expect(holds).toEqual(['timedOut']);
    expect(balanced({ ...holding?.ledger })).toBe(true);
  });

  test('one too many is 503 with Retry-After; by number and by bytes', async () => {
    const few = await startGate({ holding: { requestsMax: 1 } });
    const { socket } = await rawClient(few.port);
    socket.write(get('/'));
    await until('it is held', () => few.holding?.ledger.waiting === 1);
    const answer = await ask(few.port, '/');
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(few.holds).toEqual(['shed']);
    const small = await startGate({ holding: { bytesMax: 6_000 } });
    const large = await ask(small.port, '/', { headers: { 'x-pad': 'x'.repeat(3_000) } });
    expect(large.status).toBe(503);
    expect(small.ends).toEqual(['503 shed']);
    expect(balanced({ ...small.holding?.ledger })).toBe(true);
  });

  test('a client that leaves while it is held is abandoned, and no pod hears of it', async () => {
    const { port, holding, holds, ends, server } = await startGate({ holding: {} });
    const { socket } = await rawClient(port);
    socket.write(get('/'));
    await until('it is held', () => holding?.ledger.waiting === 1);
    socket.destroy();
    await until('it is abandoned', () => holding?.ledger.abandoned === 1);
    expect(holding?.ledger.waitingBytes).toBe(0);
    expect(holds).toEqual(['abandoned']);
    expect(ends).toEqual(['499 abandoned']);
    expect(server.inFlight).toBe(0);
  });

  test('a held request has not been told to continue, and its body is unread', async () => {
    const { port, holding, pods } = await startGate({ holding: {} });
    const { socket, seen } = await rawClient(port);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    await until('it is held', () => holding?.ledger.waiting === 1);
    expect(seen.text).toBe('');
    const pod = await startPod((request, response) => request.pipe(response));
    pods.add({ id: 'late', host: '127.0.0.1', port: pod.port });
    await until('continue', () => seen.text.startsWith('HTTP/1.1 100 Continue'));
    socket.write('body');
    await until('the echo', () => seen.text.includes('body'));
  });

  test('a thousand requests, pods that come and go: each ends once, none is left', async () => {
    const pod = () =>
      startPod((_, response) => {
        setTimeout(() => response.end('ok'), 2);
      });
    const { port, holding, pods, server, ends } = await startGate({
      ports: [(await pod()).port],
      holding: { requestsMax: 100 },
      balancer: { containerConcurrency: 5 },
    });
    const total = 1_000;
    let begun = 0;
    const statuses: number[] = [];
    const client = async (): Promise<void> => {
      while (begun < total) {
        const n = begun++;
        if (n % 100 === 50) {
          pods.remove(`extra-${n - 100}`);
          pods.add({ id: `extra-${n}`, host: '127.0.0.1', port: (await pod()).port });
        }
        statuses.push((await ask(port, `/${n}`)).status);
      }
    };
    await Promise.all(Array.from({ length: 40 }, client));
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(ends.length).toBe(begun);
    expect(server.inFlight).toBe(0);
    expect(pods.inFlight).toBe(0);
    expect(balanced({ ...holding?.ledger })).toBe(true);
    expect(holding?.ledger.waiting).toBe(0);
  });
});
