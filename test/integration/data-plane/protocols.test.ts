/** gRPC, HTTP/2 and WebSocket the whole way: activator, queue-proxy, pod; at zero and warm. */
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { WorkloadKey } from '@flyball/contracts';
import { startTalk, talkClient } from '@flyball/proxy/testing';
import { status as code } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Gateway, imbalanceAt, openGateway } from './gateway.ts';
import { hostOf, startPod } from './http-ends.ts';
import { type RunningQueueProxy, startQueueProxy } from './queue-proxies.ts';
import { untilTrue } from './waiting.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway({ FLYBALL_DRAIN_DELAY_MS: '0' });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const portOf = (url: string): number => Number(new URL(url).port);

const metricOf = async ({ process }: RunningQueueProxy, name: string): Promise<number> => {
  const { text } = await process.page('/metrics');
  return Number(new RegExp(`^flyball_queue_proxy_${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

/** Makes the queue-proxy a pod of the workload. */
const addPod = (workload: WorkloadKey, proxy: RunningQueueProxy): Promise<void> => {
  const name = `${workload.split('/')[1]}-1`;
  const { metricsPort } = proxy;
  return gateway.facts.addPod(workload, name, portOf(proxy.url), { metricsPort });
};

const callTo = (workload: WorkloadKey) =>
  talkClient(portOf(gateway.url), { 'grpc.default_authority': hostOf(workload) });

describe('gRPC', () => {
  test('is held at zero and served by the pod that comes, one by one and as streams', async () => {
    const workload: WorkloadKey = 'default/talk';
    await gateway.appear(workload);
    const client = callTo(workload);
    const said = client.say('early');
    const chat = client.raw.chat();
    const heard: string[] = [];
    chat.on('data', (text: string) => heard.push(text));
    chat.write('held');
    await untilTrue('both wait', () => gateway.bus.ledgerOf(workload).waiting === 2);
    const talk = await startTalk();
    await using proxy = await startQueueProxy(talk.port);
    await addPod(workload, proxy);
    expect(await said).toBe('early!');
    await untilTrue('the talk begins', () => heard.length === 1);
    chat.write('warm');
    await untilTrue('it goes on', () => heard.length === 2);
    expect(heard).toEqual(['held!', 'warm!']);
    expect(await metricOf(proxy, 'proxied_in_flight_requests')).toBe(1);
    const counted: string[] = [];
    client.raw.count('3').on('data', (text: string) => counted.push(text));
    await untilTrue('the count', () => counted.length === 3);
    chat.end();
    const inFlight = () => metricOf(proxy, 'in_flight_requests');
    await untilTrue('nothing is in flight', async () => (await inFlight()) === 0);
    await untilTrue('it is told', () => gateway.bus.ledgerOf(workload).released === 2);
    expect(await imbalanceAt(gateway)).toBe(0);
  });

  test('a deadline that passes while it is held is its client’s end of it', async () => {
    const workload: WorkloadKey = 'default/late';
    await gateway.appear(workload);
    const late = callTo(workload).say('x', 1_000);
    await expect(late).rejects.toMatchObject({ code: code.DEADLINE_EXCEEDED });
    await untilTrue('it is told', () => gateway.bus.ledgerOf(workload).abandoned === 1);
  });

  test('a workload that does not exist is UNIMPLEMENTED, with the sentence', async () => {
    const unknown = callTo('default/nobody').say('x');
    await expect(unknown).rejects.toMatchObject({
      code: code.UNIMPLEMENTED,
      details: expect.stringContaining('There is no workload nobody'),
    });
  });

  test('a queue-proxy keeps the limit of calls, and of what they stream', async () => {
    const workload: WorkloadKey = 'default/narrow';
    let [inFlight, inFlightMost] = [0, 0];
    const talk = await startTalk({
      say: (call, done) => {
        inFlight += 1;
        inFlightMost = Math.max(inFlightMost, inFlight);
        setTimeout(() => {
          inFlight -= 1;
          done(null, call.request);
        }, 20);
      },
    });
    await using proxy = await startQueueProxy(talk.port, { FLYBALL_CONTAINER_CONCURRENCY: '2' });
    await gateway.appear(workload);
    await addPod(workload, proxy);
    const client = callTo(workload);
    const words = Array.from({ length: 20 }, (_, at) => String(at));
    expect(await Promise.all(words.map((word) => client.say(word)))).toEqual(words);
    expect(inFlightMost).toBe(2);
  });
});

test('HTTP/2 that is no gRPC reaches a pod of HTTP/1.1', async () => {
  const workload: WorkloadKey = 'default/modern';
  await using pod = await startPod();
  pod.free();
  await using proxy = await startQueueProxy(pod.port);
  await gateway.appear(workload);
  await addPod(workload, proxy);
  const session = connect(gateway.url);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/', ':authority': hostOf(workload) });
  let body = '';
  stream.on('data', (chunk) => {
    body += chunk;
  });
  await untilTrue('it is answered', () => body === 'served');
  expect(pod.seen[0]?.httpVersion).toBe('1.1');
  expect(pod.seen[0]?.headers['x-flyball-proxied']).toBeUndefined();
});

/** An echo before which a queue-proxy stands, and a client that knows how it ended. */
const startEcho = async () => {
  const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => echo.once('listening', resolve));
  echo.on('connection', (socket) => socket.on('message', (text) => socket.send(`${text}!`)));
  onTestFinished(() => {
    for (const socket of echo.clients) socket.terminate();
    echo.close();
  });
  return (echo.address() as AddressInfo).port;
};

const openSocket = (workload: WorkloadKey) => {
  const url = gateway.url.replace('http', 'ws');
  const socket = new WebSocket(url, { headers: { host: hostOf(workload) } });
  const seen = { open: false, closed: false, heard: [] as string[], status: 0 };
  socket.on('open', () => {
    seen.open = true;
  });
  socket.on('message', (text) => seen.heard.push(String(text)));
  socket.on('close', () => {
    seen.closed = true;
  });
  socket.on('unexpected-response', (_request, { statusCode = 0 }) => {
    seen.status = statusCode;
    socket.terminate();
  });
  socket.on('error', () => socket.terminate());
  onTestFinished(() => socket.terminate());
  return { socket, seen };
};

describe('WebSocket', () => {
  test('at zero and warm, in flight as long as it is open, at both', async () => {
    const workload: WorkloadKey = 'default/echo';
    await gateway.appear(workload);
    const cold = openSocket(workload);
    await untilTrue('it waits', () => gateway.bus.ledgerOf(workload).waiting === 1);
    await using proxy = await startQueueProxy(await startEcho());
    await addPod(workload, proxy);
    await untilTrue('it is open', () => cold.seen.open);
    const warm = openSocket(workload);
    await untilTrue('it is open', () => warm.seen.open);
    for (const { socket, seen } of [cold, warm]) {
      socket.send('hello');
      await untilTrue('the echo', () => seen.heard.length === 1);
    }
    expect(cold.seen.heard).toEqual(['hello!']);
    const average = 'average_proxied_concurrent_requests';
    await untilTrue('a whole second with both', async () => (await metricOf(proxy, average)) === 2);
    await untilTrue('the activator tells both', () =>
      gateway.bus.batchesOf(workload).some(({ rows }) => rows.concurrencyMilli.includes(2_000)),
    );
    cold.socket.close();
    warm.socket.terminate();
    const inFlight = () => metricOf(proxy, 'in_flight_requests');
    await untilTrue('nothing is in flight', async () => (await inFlight()) === 0);
  });

  test('counts as one of the slots of its pod', async () => {
    const workload: WorkloadKey = 'default/single';
    await using proxy = await startQueueProxy(await startEcho());
    await gateway.appear(workload, { containerConcurrency: 1 });
    await addPod(workload, proxy);
    const first = openSocket(workload);
    await untilTrue('it is open', () => first.seen.open);
    const second = openSocket(workload);
    await untilTrue('it waits', () => gateway.bus.ledgerOf(workload).waiting === 1);
    expect(second.seen.open).toBe(false);
    first.socket.close();
    await untilTrue('its turn has come', () => second.seen.open);
  });

  test('a queue-proxy that ends lets it talk, then cuts it off', async () => {
    const workload: WorkloadKey = 'default/ending';
    const settings = { FLYBALL_DRAIN_MS: '5000' };
    await using proxy = await startQueueProxy(await startEcho(), settings);
    await gateway.appear(workload);
    await addPod(workload, proxy);
    const { socket, seen } = openSocket(workload);
    await untilTrue('it is open', () => seen.open);
    proxy.process.child.kill('SIGTERM');
    await untilTrue('it is not ready', async () => {
      return (await proxy.process.page('/readyz')).status === 503;
    });
    socket.send('still');
    await untilTrue('it still talks', () => seen.heard.includes('still!'));
    await untilTrue('it is cut off', () => seen.closed);
    expect(await proxy.process.ended()).toBe(0);
  });
});

test('an activator that ends lets calls and sockets end, and cuts the rest', async () => {
  await using ending = await openGateway({ FLYBALL_DRAIN_DELAY_MS: '0', FLYBALL_DRAIN_MS: '5000' });
  const [calls, sockets]: WorkloadKey[] = ['default/calls', 'default/sockets'];
  if (calls === undefined || sockets === undefined) throw new Error('two workloads are needed');
  const talk = await startTalk();
  await ending.appear(calls);
  await ending.facts.addPod(calls, 'calls-1', talk.port);
  await ending.appear(sockets);
  await ending.facts.addPod(sockets, 'sockets-1', await startEcho());
  const authority = { 'grpc.default_authority': hostOf(calls) };
  const chat = talkClient(portOf(ending.url), authority).raw.chat();
  const heard = { texts: 0, status: -1 };
  chat.on('data', () => {
    heard.texts += 1;
  });
  chat.on('status', (status) => {
    heard.status = status.code;
  });
  chat.write('one');
  const url = ending.url.replace('http', 'ws');
  const socket = new WebSocket(url, { headers: { host: hostOf(sockets) } });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('open', resolve));
  await untilTrue('both talk', () => heard.texts === 1);
  ending.activator.child.kill('SIGTERM');
  await untilTrue('it is not ready', async () => {
    return (await ending.activator.page('/readyz')).status === 503;
  });
  chat.write('two');
  await untilTrue('it goes on', () => heard.texts === 2);
  chat.end();
  await untilTrue('it ends well', () => heard.status === code.OK);
  await closed;
  expect(await ending.activator.ended()).toBe(0);
});
