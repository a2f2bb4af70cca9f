/**
 * Pods that die, refuse, stall or lie; clients that leave or do not read. Nothing leaks, all is
 * counted.
 */

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ask, pause, rawClient, startGate, startPod, startTcp, until } from './loopback-fixture.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
const mebibyte = 1 << 20;

describe('back-pressure', () => {
  test('a client that does not read stops a pod that sends 64 MiB', async () => {
    const sent = { mebibytes: 0 };
    const pod = await startPod((_, response) => {
      const more = (): void => {
        while (sent.mebibytes < 64) {
          sent.mebibytes++;
          if (!response.write(Buffer.alloc(mebibyte, 'x'))) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const { port, server, pods } = await startGate({ ports: [pod.port] });
    const socket = connect(port, '127.0.0.1');
    socket.write(get);
    await until('the pod begins', () => sent.mebibytes > 0);
    // Quiet for a while means that it has stopped, however fast the machine is.
    let before = -1;
    while (before !== sent.mebibytes) {
      before = sent.mebibytes;
      await pause(150);
    }
    expect(sent.mebibytes).toBeLessThan(40);
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
    });
    await until('the rest arrives', () => received > 64 * mebibyte);
    await until('it ends', () => server.inFlight === 0);
    expect(pods.inFlight).toBe(0);
    socket.destroy();
  });

  test('a pod that does not read stops a client that sends 64 MiB', async () => {
    let release = () => {};
    const pod = await startPod((request, response) => {
      request.pause();
      release = () => {
        request.resume();
        request.on('end', () => response.end('all read'));
      };
    });
    const { port } = await startGate({ ports: [pod.port] });
    const { socket, seen } = await rawClient(port);
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${64 * mebibyte}\r\n\r\n`);
    for (let i = 0; i < 64; i++) socket.write(Buffer.alloc(mebibyte, 'x'));
    await pause(300);
    expect(socket.writableLength).toBeGreaterThan(24 * mebibyte);
    release();
    await until('the answer', () => seen.text.includes('all read'));
  });
});

describe('clients that stall', () => {
  test('a client that leaves its answer unread is cut off, and the pod is free again', async () => {
    const pod = await startPod((_, response) => response.end(Buffer.alloc(32 * mebibyte, 'x')));
    const { port, server, pods, ends } = await startGate({
      ports: [pod.port],
      server: { limits: { clientStallTimeoutMs: 100 } },
    });
    const { socket, seen } = await rawClient(port);
    socket.pause();
    socket.write(get);
    await until('it is cut off', () => server.inFlight === 0 && ends.length === 1);
    expect(ends).toEqual(['499 abandoned']);
    expect(pods.inFlight).toBe(0);
    socket.resume();
    await until('the client notices', () => seen.closed);
  });
});

describe('clients that leave', () => {
  test('the pod sees the abort, and the counters go back to zero', async () => {
    const seen = { begun: 0, aborted: 0 };
    const pod = await startPod((request) => {
      seen.begun++;
      request.on('close', () => {
        seen.aborted++;
      });
    });
    const { port, server, pods, ends } = await startGate({ ports: [pod.port] });
    const { socket } = await rawClient(port);
    socket.write(get);
    await until('it arrives', () => seen.begun === 1);
    expect(server.inFlight).toBe(1);
    expect(pods.inFlight).toBe(1);
    socket.destroy();
    await until('the abort arrives', () => seen.aborted === 1);
    expect(server.inFlight).toBe(0);
    expect(pods.inFlight).toBe(0);
    expect(ends).toEqual(['499 abandoned']);
  });

  test('an upload that is cut short is cut short at the pod', async () => {
    const seen = { begun: 0, errors: 0, ends: 0 };
    const pod = await startPod((request) => {
      seen.begun++;
      request.on('error', () => {
        seen.errors++;
      });
      request.on('end', () => {
        seen.ends++;
      });
      request.resume();
    });
    const { port, server, ends } = await startGate({ ports: [pod.port] });
    for (const framing of [
      'Content-Length: 100\r\n\r\nabc',
      'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
    ]) {
      const { begun, errors } = seen;
      const { socket } = await rawClient(port);
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${framing}`);
      await until('it arrives', () => seen.begun === begun + 1);
      socket.destroy();
      await until('the cut arrives', () => seen.errors === errors + 1);
    }
    expect(seen.ends).toBe(0);
    expect(server.inFlight).toBe(0);
    expect(ends).toEqual(['499 abandoned', '499 abandoned']);
  });
});

describe('pods that fail', () => {
  test('a pod that dies inside its answer cuts the answer off', async () => {
    const pod = await startPod((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('abc');
      setTimeout(() => response.destroy(), 20);
    });
    const { port, server, ends } = await startGate({ ports: [pod.port] });
    await expect(ask(port, '/')).rejects.toThrow(/aborted|hang up/);
    await until('it is settled', () => server.inFlight === 0);
    expect(ends).toEqual(['200 podFailed']);
  });

  test('a pod that dies before its answer is a 502, and its request is not repeated', async () => {
    const seen = { requests: 0 };
    const pod = await startPod((request) => {
      seen.requests++;
      request.socket.destroy();
    });
    const { port, pods, ends } = await startGate({ ports: [pod.port, pod.port] });
    for (const method of ['GET', 'POST']) {
      const answer = await ask(port, '/', { method });
      expect(answer.status).toBe(502);
      expect(answer.body.toString()).toContain('failed before it answered');
    }
    expect(seen.requests).toBe(2);
    expect(pods.inFlight).toBe(0);
    expect(ends).toEqual(['502 podFailed', '502 podFailed']);
  });

  test.each([
    ['nonsense', 'gibberish\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a coded body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['a coding on two lines', `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n${chunked}`],
    ['a body coded to its end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc'],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
  ])('a pod that answers with %s is a 502', async (_, bytes) => {
    const pod = await startTcp((socket) => socket.once('data', () => socket.write(bytes)));
    const { port, server } = await startGate({ ports: [pod.port] });
    expect((await ask(port, '/')).status).toBe(502);
    expect(server.inFlight).toBe(0);
  });

  test('chunks are announced in capitals or small, and with a space behind', async () => {
    const odd = chunked.replace('chunked', 'Chunked ');
    const bytes = `HTTP/1.1 200 OK\r\n${odd}`;
    const pod = await startTcp((socket) => socket.once('data', () => socket.write(bytes)));
    const { port } = await startGate({ ports: [pod.port] });
    expect((await ask(port, '/')).status).toBe(200);
  });

  test('a pod that takes too long to answer is a 504', async () => {
    const pod = await startPod(() => {});
    const target = { responseStartTimeoutMs: 100 };
    const { port, pods, ends } = await startGate({ ports: [pod.port], target });
    const answer = await ask(port, '/');
    expect(answer.status).toBe(504);
    expect(answer.body.toString()).toBe('The pod took longer to answer than allowed.\n');
    expect(pods.inFlight).toBe(0);
    expect(ends).toEqual(['504 podTimedOut']);
  });

  test('a pod that pauses too long inside its answer is cut off', async () => {
    const pod = await startPod((_, response) => {
      response.write('some');
    });
    const target = { responseIdleTimeoutMs: 100 };
    const { port, ends } = await startGate({ ports: [pod.port], target });
    await expect(ask(port, '/')).rejects.toThrow(/aborted/);
    expect(ends).toEqual(['200 podTimedOut']);
  });

  test('an answer before the end of the body reaches the client, who goes on', async () => {
    const pod = await startPod((_, response) => response.writeHead(403).end('no'));
    const { port, server } = await startGate({ ports: [pod.port] });
    const { socket, seen } = await rawClient(port);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\nabc');
    await until('the answer', () => seen.text.includes('403'));
    socket.write('x'.repeat(299_997) + get);
    await until(
      'the next request is served',
      () => seen.text.match(/HTTP\/1\.1 403/g)?.length === 2,
    );
    expect(server.inFlight).toBe(0);
  });
});
