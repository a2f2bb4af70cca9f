/** Which requests are sent again and which never; and what happens when no pod has room. */

import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ask, freePort, startGate, startPod, startTcp, until } from './loopback-fixture.ts';

describe('repeating', () => {
  test('after a refused connection the request goes to another pod, body and all', async () => {
    const seen: string[] = [];
    const pod = await startPod((request, response) => {
      request.on('data', (chunk) => seen.push(String(chunk)));
      request.on('end', () => response.end('served'));
    });
    const { port, pods, ends } = await startGate({ ports: [await freePort(), pod.port] });
    for (let i = 0; i < 4; i++) {
      const answer = await ask(port, '/', { method: 'POST', body: [`body ${i}`] });
      expect(answer.body.toString()).toBe('served');
    }
    expect(seen).toEqual(['body 0', 'body 1', 'body 2', 'body 3']);
    expect(pods.pods.map((one) => one.phase)).toEqual(['probing', 'reachable']);
    expect(ends).toEqual(Array(4).fill('200 answered'));
  });

  test('with no other pod and no holding, a refused connection is a 502', async () => {
    const { port, pods } = await startGate({ ports: [await freePort()] });
    const answer = await ask(port, '/');
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toBe('The connection to the pod was refused (1 tried).\n');
    expect(pods.inFlight).toBe(0);
    expect((await ask(port, '/')).status).toBe(503);
  });

  test('a GET on a connection the pod had closed is repeated once; a POST is not', async () => {
    const requests: string[] = [];
    // Answers the first request of a connection and hangs up on the second one.
    const pod = await startTcp((socket) => {
      let first = true;
      socket.on('data', (data) => {
        requests.push(String(data).split(' ')[0] as string);
        if (first) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.destroy();
        first = false;
      });
    });
    const { port } = await startGate({ ports: [pod.port] });
    expect((await ask(port, '/')).status).toBe(200);
    expect((await ask(port, '/')).status).toBe(200);
    expect(requests).toEqual(['GET', 'GET', 'GET']);
    expect((await ask(port, '/', { method: 'POST' })).status).toBe(502);
    expect(requests).toEqual(['GET', 'GET', 'GET', 'POST']);
  });

  test('when every pod refuses, the attempts end at their limit', async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const { port } = await startGate({ ports, server: { limits: { attemptsMax: 2 } } });
    const answer = await ask(port, '/');
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toContain('(2 tried)');
  });
});

describe('slots', () => {
  test('over the limit and without holding, the answer is 503 with Retry-After', async () => {
    const waiting: ServerResponse[] = [];
    const pod = await startPod((_, response) => {
      waiting.push(response);
    });
    const { port, pods, ends } = await startGate({
      ports: [pod.port],
      balancer: { containerConcurrency: 1 },
    });
    const first = ask(port, '/');
    await until('the first one arrives', () => waiting.length === 1);
    const second = await ask(port, '/');
    expect(second.status).toBe(503);
    expect(second.headers['retry-after']).toBe('1');
    waiting[0]?.end('late');
    expect((await first).body.toString()).toBe('late');
    expect(pods.inFlight).toBe(0);
    expect(ends).toEqual(['503 noPod', '200 answered']);
  });
});
