/** What goes in one side comes out of the other: bodies, headers, statuses, trailers, streams. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ask, rawClient, startGate, startPod, until } from './loopback-fixture.ts';
import { setHeader } from './raw-headers.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/': (_, response) => response.writeHead(200, { 'content-length': '100' }).end('x'.repeat(100)),
  '/echo': (request, response) => {
    response.setHeader('x-seen', JSON.stringify(request.rawHeaders));
    request.pipe(response);
  },
  '/bytes': (_, response) => response.end(everyByte),
  '/large': (_, response) => response.end(Buffer.alloc(300_000, 'y')),
  '/304': (_, response) => response.writeHead(304, { etag: '"a"' }).end(),
  '/204': (_, response) => response.writeHead(204).end(),
  '/empty': (_, response) => response.writeHead(200, { 'content-length': '0' }).end(),
  '/reason': (_, response) => response.writeHead(299, 'Quite Fine').end('ok'),
  '/cookies': (_, response) => {
    const listed = ['Connection', 'x-hop, keep-alive', 'X-Hop', 'no'];
    response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', ...listed]);
    response.end();
  },
  '/trailers': (_, response) => {
    response.writeHead(200, { trailer: 'x-sum' });
    response.write('part');
    response.addTrailers({ 'x-sum': '42' });
    response.end();
  },
  '/hints': (_, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.end('hinted');
  },
};

const pod = () =>
  startPod((request, response) => {
    const path = new URL(request.url ?? '/', 'http://pod').pathname;
    const handler = routes[path];
    if (handler === undefined) response.writeHead(404).end();
    else handler(request, response);
  });

const gate = async () => startGate({ ports: [(await pod()).port] });

const seenBy = (answer: { headers: IncomingMessage['headers'] }): string[] =>
  JSON.parse(String(answer.headers['x-seen']));

const valuesOf = (raw: string[], name: string): string[] =>
  raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);

describe('bodies', () => {
  test('a small answer, a large one, and every byte value arrive unchanged', async () => {
    const { port, server } = await gate();
    expect((await ask(port, '/')).body.toString()).toBe('x'.repeat(100));
    expect((await ask(port, '/bytes')).body.equals(everyByte)).toBe(true);
    expect((await ask(port, '/large')).body.equals(Buffer.alloc(300_000, 'y'))).toBe(true);
    expect((await ask(port, '/empty')).body.length).toBe(0);
    expect(server.inFlight).toBe(0);
  });

  test('a request body with a length and one in chunks reach the pod', async () => {
    const { port } = await gate();
    const headers = { 'content-length': '6' };
    const sized = await ask(port, '/echo', { method: 'POST', headers, body: ['abc', 'def'] });
    expect(sized.body.toString()).toBe('abcdef');
    expect(valuesOf(seenBy(sized), 'content-length')).toEqual(['6']);
    const chunked = await ask(port, '/echo', { method: 'PUT', body: ['chunk', 'ed'] });
    expect(chunked.body.toString()).toBe('chunked');
    expect(valuesOf(seenBy(chunked), 'transfer-encoding')).toEqual(['chunked']);
    const get = await ask(port, '/echo', { headers: { 'content-length': '2' }, body: ['hi'] });
    expect(get.body.toString()).toBe('hi');
    const none = await ask(port, '/echo', { method: 'POST', headers: { 'content-length': '0' } });
    expect(valuesOf(seenBy(none), 'content-length')).toEqual(['0']);
  });

  test('HEAD, 204 and 304 have no body and keep the connection usable', async () => {
    const { port } = await gate();
    const { socket, seen } = await rawClient(port);
    socket.write('HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\n');
    socket.write('GET /304 HTTP/1.1\r\nHost: a\r\n\r\nGET /reason HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('four answers', () => seen.text.endsWith('ok\r\n0\r\n\r\n'));
    const statuses = [...seen.text.matchAll(/^HTTP\/1\.1 (.*)\r$/gm)].map((match) => match[1]);
    expect(statuses).toEqual(['200 OK', '204 No Content', '304 Not Modified', '299 Quite Fine']);
    expect(seen.text).toContain('content-length: 100');
    expect(seen.text).toContain('etag: "a"');
    expect(seen.text).not.toContain('xxx');
  });

  test('trailers of a chunked response are passed on', async () => {
    const { port } = await gate();
    const answer = await ask(port, '/trailers');
    expect(answer.headers.trailer).toBe('x-sum');
    expect(answer.trailers['x-sum']).toBe('42');
  });

  test('an HTTP/1.0 client gets an answer it can read', async () => {
    const { port } = await gate();
    const { socket, seen } = await rawClient(port);
    socket.write('GET /trailers HTTP/1.0\r\n\r\n');
    await until('the connection closes', () => seen.closed);
    expect(seen.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(seen.text).not.toMatch(/transfer-encoding/i);
    expect(seen.text).toMatch(/\r\n\r\npart$/);
  });
});

describe('headers', () => {
  test('hop-by-hop headers and those that Connection lists go no further, either way', async () => {
    const { port } = await gate();
    const headers = {
      te: 'trailers',
      connection: 'x-mine, Keep-Alive',
      'keep-alive': 'timeout=9',
      'proxy-authorization': 'secret',
      'proxy-connection': 'close',
      'x-mine': '1',
      'x-other': '2',
    };
    const seen = seenBy(await ask(port, '/echo', { headers }));
    const names = seen.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    for (const name of ['te', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'x-mine']) {
      expect(names).not.toContain(name);
    }
    expect(valuesOf(seen, 'x-other')).toEqual(['2']);
    const cookies = await ask(port, '/cookies');
    expect(cookies.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(cookies.headers['x-hop']).toBeUndefined();
  });

  test('repeated request headers stay apart and in order', async () => {
    const { port } = await gate();
    const seen = seenBy(await ask(port, '/echo', { headers: { 'X-Many': ['1', '2', '3'] } }));
    expect(valuesOf(seen, 'x-many')).toEqual(['1', '2', '3']);
  });

  test('X-Forwarded-For is appended to; host and proto are set, or kept', async () => {
    const { port } = await gate();
    const plain = seenBy(await ask(port, '/echo', { headers: { host: 'shop.example:8080' } }));
    expect(valuesOf(plain, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(plain, 'x-forwarded-host')).toEqual(['shop.example:8080']);
    expect(valuesOf(plain, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf(plain, 'host')).toEqual(['shop.example:8080']);
    const headers = {
      host: 'inner',
      'x-forwarded-for': ['1.2.3.4', '5.6.7.8'],
      'x-forwarded-host': 'outer',
      'x-forwarded-proto': 'https',
    };
    const behind = seenBy(await ask(port, '/echo', { headers }));
    expect(valuesOf(behind, 'x-forwarded-for')).toEqual(['1.2.3.4, 5.6.7.8, 127.0.0.1']);
    expect(valuesOf(behind, 'x-forwarded-host')).toEqual(['outer']);
    expect(valuesOf(behind, 'x-forwarded-proto')).toEqual(['https']);
  });

  test('a proxy that faces clients does not believe their host and proto', async () => {
    const ports = [(await pod()).port];
    const { port } = await startGate({ ports, server: { trustForwarded: false } });
    const headers = { host: 'inner', 'x-forwarded-host': 'evil', 'x-forwarded-proto': 'https' };
    const seen = seenBy(await ask(port, '/echo', { headers }));
    expect(valuesOf(seen, 'x-forwarded-host')).toEqual(['inner']);
    expect(valuesOf(seen, 'x-forwarded-proto')).toEqual(['http']);
  });

  test("a client's mark is stripped; the outer proxy sets it, the inner reads it", async () => {
    const marks: boolean[] = [];
    const inner = await startGate({
      ports: [(await pod()).port],
      server: { markHeader: 'x-flyball-proxied' },
      hooks: { onStart: (_, request) => marks.push(request.marked) },
    });
    const outer = await startGate({
      ports: [inner.port],
      server: { markHeader: 'X-Flyball-Proxied', setMark: true },
    });
    const headers = { 'x-flyball-proxied': ['forged', 'twice'] };
    const through = seenBy(await ask(outer.port, '/echo', { headers }));
    const straight = seenBy(await ask(inner.port, '/echo'));
    expect(marks).toEqual([true, false]);
    expect(valuesOf(through, 'x-flyball-proxied')).toEqual([]);
    expect(valuesOf(straight, 'x-flyball-proxied')).toEqual([]);
  });

  test('traceparent passes through, and rewriteHeaders can replace or add it', async () => {
    const { port } = await gate();
    const headers = { traceparent: '00-aa-bb-01' };
    expect(valuesOf(seenBy(await ask(port, '/echo', { headers })), 'traceparent')).toEqual([
      '00-aa-bb-01',
    ]);
    const before: (string | null)[] = [];
    const traced = await startGate({
      ports: [(await pod()).port],
      hooks: {
        rewriteHeaders: (raw, _target, request) => {
          before.push(request.traceparent);
          setHeader(raw, 'traceparent', '00-cc-dd-01');
        },
      },
    });
    for (const given of [headers, {}]) {
      const seen = seenBy(await ask(traced.port, '/echo', { headers: given }));
      expect(valuesOf(seen, 'traceparent')).toEqual(['00-cc-dd-01']);
    }
    expect(before).toEqual(['00-aa-bb-01', null]);
  });

  test('an absolute request target is sent on in origin form, with its own host', async () => {
    const { port } = await gate();
    const { socket, seen } = await rawClient(port);
    socket.write('GET http://shop.example/echo?a=1 HTTP/1.1\r\nHost: other\r\n\r\n');
    await until('the answer', () => seen.text.includes('x-seen'));
    expect(seen.text).toContain('"host","shop.example"');
    expect(seen.text).not.toContain('other');
  });

  test('header values with bytes above 127 keep their bytes', async () => {
    const names: string[] = [];
    const upstream = await startPod((request, response) => {
      names.push(String(request.headers['x-name']));
      response.setHeader('x-back', Buffer.from('é', 'utf8').toString('latin1'));
      response.end();
    });
    const { port } = await startGate({ ports: [upstream.port] });
    const { socket, seen } = await rawClient(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Name: \xe9\r\n\r\n', 'latin1');
    await until('the answer', () => seen.text.includes('\r\n\r\n'));
    expect(names).toEqual(['\xe9']);
    expect(seen.text).toContain('x-back: \xc3\xa9');
  });
});

describe('interim answers', () => {
  test('Early Hints reach the client before the answer', async () => {
    const { port } = await gate();
    const { socket, seen } = await rawClient(port);
    socket.write('GET /hints HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the answer', () => seen.text.endsWith('hinted'));
    expect(seen.text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload/);
  });

  test('100 Continue is sent when the pod is about to read the body, not before', async () => {
    const { port } = await gate();
    const { socket, seen } = await rawClient(port);
    socket.write(
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n',
    );
    await until('100 Continue', () => seen.text === 'HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('abc');
    await until('the echo', () => seen.text.endsWith('abc\r\n0\r\n\r\n'));
    expect(seen.text).toContain('HTTP/1.1 200 OK');
    expect(seen.text).not.toMatch(/"expect"/i);
  });

  test('a refused request with Expect gets its answer and no 100', async () => {
    const { port } = await startGate({ server: { limits: { bodyBytesMax: 2 } } });
    const { socket, seen } = await rawClient(port);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n');
    await until('the answer', () => seen.text.includes('\r\n\r\n'));
    expect(seen.text).toMatch(/^HTTP\/1\.1 413 /);
    const strange = await ask(port, '/', { headers: { expect: 'a miracle' } });
    expect(strange.status).toBe(417);
  });
});
