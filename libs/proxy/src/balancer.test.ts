/** Which pod is picked, and what happens to pods that are added, removed and lost meanwhile. */

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Balancer, type BalancerOptions, createBalancer } from './balancer.ts';
import { ask, freePort, pause, startGate, startPod, startTcp, until } from './loopback-fixture.ts';
import type { Pod } from './pod.ts';
import { createProbePace, defaultProbeLimits, probeDelayMs, startProbe } from './prober.ts';

const balancerOf = (count: number, options: BalancerOptions = {}): Balancer => {
  const balancer = createBalancer(options);
  for (let at = 0; at < count; at++) {
    balancer.add({ id: `p${at}`, host: '127.0.0.1', port: 1_000 + at, reachable: true });
  }
  onTestFinished(() => balancer.close());
  return balancer;
};

describe('picking', () => {
  test('the least loaded pod is picked, and ties are shared out', () => {
    const balancer = balancerOf(3);
    const picked = Array.from({ length: 9 }, () => balancer.acquire() as Pod);
    expect(balancer.pods.map((pod) => pod.inFlight)).toEqual([3, 3, 3]);
    for (const pod of picked.filter((one) => one.id === 'p1')) balancer.release(pod);
    expect([balancer.acquire()?.id, balancer.acquire()?.id]).toEqual(['p1', 'p1']);
    const idle = balancerOf(3);
    const first = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const pod = idle.acquire() as Pod;
      first.add(pod.id);
      idle.release(pod);
    }
    expect(first.size).toBe(3);
  });

  test('no pod gets more than its slots', () => {
    const balancer = balancerOf(2, { containerConcurrency: 2 });
    balancer.add({ id: 'p1', host: '127.0.0.1', port: 1_001, slots: 1 });
    const picked = Array.from({ length: 5 }, () => balancer.acquire());
    expect(picked.filter((pod) => pod !== null)).toHaveLength(3);
    expect(balancer.pods.map((pod) => pod.inFlight)).toEqual([2, 1]);
    const single = balancerOf(1, { inFlightPerPodMax: 7 });
    expect(Array.from({ length: 8 }, () => single.acquire()?.id)).toEqual([
      ...Array(7).fill('p0'),
      undefined,
    ]);
  });

  test('nothing is picked from nothing, and bad numbers are refused by name', () => {
    expect(balancerOf(0).acquire()).toBeNull();
    expect(() => createBalancer({ containerConcurrency: -1 })).toThrow(
      'containerConcurrency is -1',
    );
    const bad = { id: 'p', host: '127.0.0.1', port: 70_000 };
    expect(() => createBalancer().add(bad)).toThrow(
      'port of pod p is 70000; allowed is 1 to 65535',
    );
  });
});

describe('coming and going', () => {
  test('a removed pod gets no new request, finishes what it has, then closes', async () => {
    const closed: string[] = [];
    const open: ServerResponse[] = [];
    const sockets = new Set<Socket>();
    const pod = await startPod((_, response) => {
      response.write('begun ');
      open.push(response);
    });
    pod.server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    const { port, pods } = await startGate({
      ports: [pod.port],
      balancer: { onClosed: (one) => closed.push(one.id) },
    });
    const answer = ask(port, '/');
    await until('it is being served', () => open.length === 1);
    const [leaving] = pods.pods;
    expect(pods.remove('pod-0')).toBe(true);
    expect(pods.remove('pod-0')).toBe(false);
    expect([leaving?.phase, pods.inFlight]).toEqual(['leaving', 1]);
    expect((await ask(port, '/')).status).toBe(503);
    expect(closed).toEqual([]);
    expect(sockets.size).toBe(1);
    open[0]?.end('and done');
    expect((await answer).body.toString()).toBe('begun and done');
    await until('it is closed', () => closed.length === 1);
    expect(leaving?.phase).toBe('closed');
    await until('its connections end', () => sockets.size === 0);
  });

  test('an id at another address is another pod; at the same one its share changes', () => {
    const balancer = balancerOf(1);
    const [before] = balancer.pods;
    expect(balancer.add({ id: 'p0', host: '127.0.0.1', port: 1_000, slots: 3 })).toBe(before);
    expect(before?.slots).toBe(3);
    const after = balancer.add({ id: 'p0', host: '127.0.0.2', port: 1_000, reachable: true });
    expect(after).not.toBe(before);
    expect(balancer.pods).toEqual([after]);
    expect(before?.phase).toBe('closed');
  });
});

describe('probing', () => {
  test('the waits are 1, 2, 4, 4 … ms, then slow, and shared when many probe', () => {
    const waits = [1, 2, 3, 4, 5, 99].map((tries) =>
      probeDelayMs(defaultProbeLimits, tries, 50, 1),
    );
    expect(waits).toEqual([1, 2, 4, 4, 4, 4]);
    expect(probeDelayMs(defaultProbeLimits, 5_000, 30_000, 1)).toBe(100);
    expect(probeDelayMs(defaultProbeLimits, 5, 50, 100)).toBe(100);
  });

  test('one prober per pod, however many requests wait; it tells once', async () => {
    const port = await freePort();
    const pace = createProbePace();
    const reached: string[] = [];
    const gate = await startGate({
      ports: [port],
      probe: true,
      holding: {},
      balancer: { pace, onReachable: (pod) => reached.push(pod.id) },
    });
    const answers = Array.from({ length: 20 }, () => ask(gate.port, '/'));
    await until('all wait', () => gate.holding?.ledger.waiting === 20);
    expect(pace.probing).toBe(1);
    await startPod((_, response) => response.end('ok'), port);
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    expect([reached, pace.probing]).toEqual([['pod-0'], 0]);
  });

  test('a pod that is removed, or closed with its balancer, is not probed any more', async () => {
    const pace = createProbePace();
    const balancer = createBalancer({ pace });
    for (const id of ['a', 'b']) balancer.add({ id, host: '127.0.0.1', port: await freePort() });
    expect(pace.probing).toBe(2);
    balancer.remove('a');
    expect(pace.probing).toBe(1);
    balancer.close();
    expect(pace.probing).toBe(0);
  });

  test('tries that hang do not pile up, and one of them is enough', async () => {
    const accepted = { count: 0 };
    const server = await startTcp(() => {
      accepted.count++;
    });
    let tries = 0;
    const limits = { ...defaultProbeLimits, openMax: 2 };
    const pace = createProbePace();
    const stop = startProbe({
      host: '127.0.0.1',
      port: server.port,
      limits,
      pace,
      onReachable: (count) => {
        tries = count;
      },
    });
    await until('it is reached', () => tries > 0);
    const after = accepted.count;
    await pause(30);
    expect(accepted.count - after).toBeLessThanOrEqual(1);
    stop();
    expect(pace.probing).toBe(0);
  });
});
