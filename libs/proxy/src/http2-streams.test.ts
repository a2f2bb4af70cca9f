/** Bodies over HTTP/2: no faster than they are read, and gone when their reader is. */

import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import {
  echoStream,
  http2Ask,
  http2Session,
  startHttp2Gate,
  startHttp2Pod,
} from './http2-fixture.ts';
import { ask, startGate, startPod, until } from './loopback-fixture.ts';

describe('back-pressure', () => {
  const size = 20_000_000;

  test('large bodies go both ways at once, whole', async () => {
    const pod = await startHttp2Pod(echoStream);
    const { port } = await startHttp2Gate([pod.port]);
    const large = Buffer.alloc(size / 4, 'abcdefg');
    const headers = { ':method': 'POST', ':path': '/' };
    const [modern, old] = await Promise.all([
      http2Ask(http2Session(port), headers, large),
      ask(port, '/', { method: 'POST', body: [large] }),
    ]);
    expect(modern.body.equals(large)).toBe(true);
    expect(old.body.equals(large)).toBe(true);
  });

  test.each(['http1', 'h2c'] as const)('who does not read lets a pod of %s wait', async (kind) => {
    let sent = 0;
    const pour = (sink: {
      write(chunk: Buffer): boolean;
      once(e: 'drain', f: () => void): unknown;
    }) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (sent < size) {
          sent += chunk.length;
          if (!sink.write(chunk)) return void sink.once('drain', more);
        }
      };
      more();
    };
    const pod =
      kind === 'h2c'
        ? await startHttp2Pod((stream) => {
            stream.respond({ ':status': 200 });
            pour(stream);
          })
        : await startPod((_, response) => pour(response));
    const limits = { clientStallTimeoutMs: 300 };
    const gate = await startGate({ server: { limits } });
    gate.pods.add({ id: 'p', host: '127.0.0.1', port: pod.port, protocol: kind, reachable: true });
    const stream = http2Session(gate.port).request({ ':path': '/' });
    stream.on('error', () => undefined);
    stream.pause();
    await until('it begins', () => sent > 0);
    await until('it is given up', () => gate.pods.inFlight === 0);
    expect(sent).toBeLessThan(size);
    expect(gate.ends).toEqual(['499 abandoned']);
  });

  test('a client that leaves takes its request at the pod with it', async () => {
    let aborted = 0;
    const modern = await startHttp2Pod((stream) => stream.on('aborted', () => aborted++));
    const old = await startPod((request) => request.on('close', () => aborted++));
    const gates = [await startHttp2Gate([modern.port]), await startGate({ ports: [old.port] })];
    for (const gate of gates) {
      const session = http2Session(gate.port);
      const stream = session.request({ ':path': '/' });
      stream.on('error', () => undefined);
      await until('it is sent', () => gate.pods.inFlight === 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await until('both pods hear of it', () => aborted === 2);
    expect(gates.map(({ server }) => server.inFlight)).toEqual([0, 0]);
  });

  test('an answer before the body has come asks the client to stop', async () => {
    const pod = await startHttp2Pod((stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'yes' }));
      stream.end(Buffer.alloc(200_000, 'z'));
    });
    const { port, ends } = await startHttp2Gate([pod.port]);
    const stream = http2Session(port).request({ ':method': 'POST', ':path': '/' });
    let [bytes, trailer] = [0, ''];
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('trailers', (trailers) => {
      trailer = String(trailers['x-end']);
    });
    stream.on('error', () => undefined);
    stream.write('never ends');
    await new Promise((resolve) => stream.once('close', resolve));
    expect([bytes, trailer, stream.rstCode]).toEqual([200_000, 'yes', 0]);
    expect(ends).toEqual(['200 answered']);
  });
});
