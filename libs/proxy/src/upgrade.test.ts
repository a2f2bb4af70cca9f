/**
 * WebSockets and other upgrades: joined both ways, counted for their whole life, ended by either
 * side.
 */

import { createHash } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { earlyBytesMax } from './early-bytes.ts';
import {
  ask,
  freePort,
  pause,
  rawClient,
  startGate,
  startPod,
  startTcp,
  until,
} from './loopback-fixture.ts';

/** A pod that echoes what a WebSocket sends it. */
const startEcho = async (port = 0) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket, request) => {
    socket.send(`hello ${request.url} ${request.headers['x-forwarded-for']}`);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
};

const openClient = async (port: number, path = '/') => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  const seen = { messages: [] as Buffer[], closed: false, status: 0 };
  socket.on('message', (data) => seen.messages.push(data as Buffer));
  socket.on('close', () => {
    seen.closed = true;
  });
  socket.on('unexpected-response', (_, response) => {
    seen.status = response.statusCode ?? 0;
    socket.terminate();
  });
  socket.on('error', () => socket.terminate());
  onTestFinished(() => socket.terminate());
  return { socket, seen };
};

describe('WebSocket', () => {
  test('messages go both ways, whole, and it is in flight until it is closed', async () => {
    const { port, server, pods, ends } = await startGate({ ports: [(await startEcho()).port] });
    const { socket, seen } = await openClient(port, '/chat?a=1');
    await until('the greeting', () => seen.messages.length === 1);
    expect(String(seen.messages[0])).toBe('hello /chat?a=1 127.0.0.1');
    expect([server.inFlight, server.upgraded, pods.inFlight]).toEqual([1, 1, 1]);
    const large = Buffer.alloc(3_000_000, 'z');
    const digest = createHash('sha256').update(large).digest('hex');
    socket.send('small');
    socket.send(large);
    await until('both echoes', () => seen.messages.length === 3);
    expect(String(seen.messages[1])).toBe('small');
    const echoed = createHash('sha256')
      .update(seen.messages[2] as Buffer)
      .digest('hex');
    expect(echoed).toBe(digest);
    socket.close();
    await until('it is settled', () => seen.closed && server.inFlight === 0);
    expect([server.upgraded, pods.inFlight]).toEqual([0, 0]);
    expect(ends).toEqual(['101 upgradeEnded']);
  });

  test('when the pod or the client breaks, the other side is closed too', async () => {
    const echo = await startEcho();
    const { port, server, ends } = await startGate({ ports: [echo.port] });
    const first = await openClient(port);
    await until('the greeting', () => first.seen.messages.length === 1);
    for (const socket of echo.server.clients) socket.terminate();
    await until('the client is closed', () => first.seen.closed && server.inFlight === 0);
    const second = await openClient(port);
    await until('the greeting', () => second.seen.messages.length === 1);
    second.socket.terminate();
    await until('the pod is free', () => echo.server.clients.size === 0 && server.inFlight === 0);
    expect(ends).toEqual(['101 upgradeEnded', '101 upgradeEnded']);
  });

  test('it is held like any request, and refused like any request', async () => {
    const podPort = await freePort();
    const gate = await startGate({ ports: [podPort], probe: true, holding: { holdMsMax: 4_000 } });
    const { seen } = await openClient(gate.port);
    await until('it is held', () => gate.holding?.ledger.waiting === 1);
    await startEcho(podPort);
    await until('the greeting', () => seen.messages.length === 1);
    const closed = await startGate({});
    const refused = await openClient(closed.port);
    await until('the refusal', () => refused.seen.status === 503);
    const late = await startGate({ holding: { holdMsMax: 30 } });
    const timedOut = await openClient(late.port);
    await until('the end of patience', () => timedOut.seen.status === 504);
  });

  test('a client that leaves while its upgrade is held is abandoned', async () => {
    const { port, holding, server } = await startGate({ holding: {} });
    const { socket } = await openClient(port);
    await until('it is held', () => holding?.ledger.waiting === 1);
    socket.terminate();
    await until('it is abandoned', () => holding?.ledger.abandoned === 1);
    expect(server.inFlight).toBe(0);
  });

  test('silence for too long ends it', async () => {
    const limits = { upgradeIdleTimeoutMs: 500 };
    const { port, server } = await startGate({
      ports: [(await startEcho()).port],
      server: { limits },
    });
    const { seen } = await openClient(port);
    await until('the greeting', () => seen.messages.length === 1);
    await until('it is closed', () => seen.closed && server.inFlight === 0);
  });

  test('a pod that does not upgrade answers as usual', async () => {
    const pod = await startPod((_, response) => response.writeHead(426, { 'x-a': 'b' }).end('no'));
    const { port, server, ends } = await startGate({ ports: [pod.port] });
    const { seen } = await openClient(port);
    await until('the answer', () => seen.status === 426);
    await until('it is settled', () => server.inFlight === 0);
    expect(ends).toEqual(['426 answered']);
  });
});

describe('other upgrades', () => {
  const upgrade = (protocol: string) =>
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;

  test('bytes sent right behind the request and right behind the 101 are not lost', async () => {
    const heard: string[] = [];
    const pod = await startTcp((socket) => {
      socket.on('data', (data) => {
        heard.push(data.toString('latin1'));
        if (heard.length > 1) return;
        const head = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade, X-Own\r\nUpgrade: raw\r\n';
        socket.write(`${head}X-Own: 1\r\nX-Kept: 2\r\n\r\nearly`);
      });
    });
    const { port } = await startGate({ ports: [pod.port] });
    const { socket, seen } = await rawClient(port);
    socket.write(`${upgrade('raw')}\r\nfirst`);
    await until('the early bytes', () => seen.text.endsWith('early'));
    await until('the first bytes', () => heard.join('').endsWith('\r\n\r\nfirst'));
    expect(seen.text).toContain('X-Kept: 2');
    expect(seen.text).not.toContain('X-Own');
    socket.write('second');
    await until('the second bytes', () => heard.join('').endsWith('firstsecond'));
  });

  test('what a client sends after its pod said its last is not lost', async () => {
    let heard = '';
    const pod = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (data) => {
        heard += data.toString('latin1');
        const head = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n';
        if (!socket.writableEnded) socket.end(`${head}bye`);
      });
    });
    await new Promise<void>((resolve) => pod.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void pod.close());
    const gate = await startGate({ ports: [(pod.address() as AddressInfo).port] });
    const client = connect({ host: '127.0.0.1', port: gate.port, allowHalfOpen: true });
    onTestFinished(() => void client.destroy());
    client.on('error', () => client.destroy()).resume();
    client.once('end', () => client.end('late words'));
    client.write(`${upgrade('raw')}\r\n`);
    await until('the late words', () => heard.endsWith('late words'));
    await until('it is settled', () => gate.server.inFlight === 0);
    expect(gate.ends).toEqual(['101 upgradeEnded']);
  });

  test('a client that sent more and then leaves while it is held is abandoned', async () => {
    const { port, holding, server } = await startGate({ holding: {} });
    const { socket } = await rawClient(port);
    socket.write(`${upgrade('raw')}\r\nfirst`);
    await until('it is held', () => holding?.ledger.waiting === 1);
    socket.write('second');
    await pause(20);
    socket.end();
    await until('it is abandoned', () => holding?.ledger.abandoned === 1);
    expect(server.inFlight).toBe(0);
  });

  test('a client that sends too much while it is held is cut off', async () => {
    const { port, holding, server } = await startGate({ holding: {} });
    const { socket, seen } = await rawClient(port);
    socket.write(`${upgrade('raw')}\r\n`);
    await until('it is held', () => holding?.ledger.waiting === 1);
    socket.write('x'.repeat(earlyBytesMax + 1));
    await until('it is closed', () => seen.closed && holding?.ledger.abandoned === 1);
    expect(server.inFlight).toBe(0);
  });

  test('what came while it was held is not lost, and is in order', async () => {
    const podPort = await freePort();
    const gate = await startGate({ ports: [podPort], probe: true, holding: {} });
    const { socket, seen } = await rawClient(gate.port);
    socket.write(`${upgrade('raw')}\r\nfirst`);
    await until('it is held', () => gate.holding?.ledger.waiting === 1);
    socket.write('second');
    await pause(20);
    let heard = '';
    const raw = createServer((client) => {
      client.on('error', () => client.destroy());
      client.on('data', (data) => {
        heard += data.toString('latin1');
        if (!seen.text.startsWith('HTTP')) {
          client.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n');
        }
      });
    });
    await new Promise<void>((resolve) => raw.listen(podPort, '127.0.0.1', resolve));
    onTestFinished(() => void raw.close());
    await until('all bytes', () => heard.endsWith('firstsecond'));
    socket.write('third');
    await until('the third bytes', () => heard.endsWith('firstsecondthird'));
    socket.destroy();
  });

  test('an upgrade to HTTP/2 and one with a body are ordinary requests', async () => {
    const pod = await startPod((request, response) => {
      response.setHeader('x-upgrade', String(request.headers.upgrade));
      request.pipe(response);
    });
    const { port } = await startGate({ ports: [pod.port] });
    const headers = { connection: 'upgrade', upgrade: 'h2c' };
    const plain = await ask(port, '/', { headers });
    expect([plain.status, plain.headers['x-upgrade']]).toEqual([200, 'undefined']);
    const { socket, seen } = await rawClient(port);
    socket.write(`${upgrade('websocket')}Content-Length: 4\r\n\r\nbody`);
    await until('the echo', () => seen.text.includes('body'));
    expect(seen.text).toMatch(/^HTTP\/1\.1 200 OK/);
  });
});
