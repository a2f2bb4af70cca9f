/**
 * What the proxy refuses, and that nothing of it reaches a pod: smuggling, limits, odd requests.
 */

import { describe, expect, test } from 'vitest';
import {
  ask,
  type GateOptions,
  rawClient,
  sendRaw,
  startGate,
  startPod,
  until,
} from './loopback-fixture.ts';
import { refuse } from './refusal.ts';

/** A gate whose pod writes down every request line it gets. */
const watched = async (options: GateOptions = {}) => {
  const reached: string[] = [];
  const pod = await startPod((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    request.resume();
    request.on('end', () => response.end('reached'));
    request.on('error', () => {});
  });
  return { ...(await startGate({ ports: [pod.port], ...options })), reached };
};

const post = 'POST /victim HTTP/1.1\r\nHost: a\r\n';
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n';

/** Each must be refused with the status, its connection closed, and no pod reached. */
const corpus: readonly (readonly [what: string, status: number, bytes: string])[] = [
  [
    'Content-Length with Transfer-Encoding',
    400,
    `${post}Content-Length: 4\r\n${chunked}\r\n0\r\n\r\n`,
  ],
  [
    'Transfer-Encoding with Content-Length',
    400,
    `${post}${chunked}Content-Length: 4\r\n\r\n0\r\n\r\n`,
  ],
  ['differing Content-Length', 400, `${post}Content-Length: 0\r\nContent-Length: 44\r\n\r\n`],
  ['repeated Content-Length', 400, `${post}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`],
  ['Content-Length list', 400, `${post}Content-Length: 1, 1\r\n\r\nx`],
  ['signed Content-Length', 400, `${post}Content-Length: +1\r\n\r\nx`],
  ['negative Content-Length', 400, `${post}Content-Length: -1\r\n\r\nx`],
  ['hexadecimal Content-Length', 400, `${post}Content-Length: 0x1\r\n\r\nx`],
  ['overflowing Content-Length', 400, `${post}Content-Length: 99999999999999999999999\r\n\r\nx`],
  ['obs-fold', 400, `${post}X-A: b\r\n c: d\r\n\r\n`],
  ['obs-fold in Transfer-Encoding', 400, `${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  ['space before the colon', 400, `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['header without a name', 400, `${post}: value\r\n\r\n`],
  ['bare CR in a header', 400, `${post}X-A: b\rTransfer-Encoding: chunked\r\n\r\n`],
  ['NUL in a header', 400, `${post}X-A: b\0c\r\n\r\n`],
  ['unknown Transfer-Encoding', 501, `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['coded Transfer-Encoding', 501, `${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['chunked not last', 400, `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['chunked twice', 400, `${post}${chunked}${chunked}\r\n0\r\n\r\n`],
  ['Transfer-Encoding in HTTP/1.0', 400, `POST / HTTP/1.0\r\nHost: a\r\n${chunked}\r\n0\r\n\r\n`],
  ['two Hosts', 400, `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n`],
  ['the same Host twice', 400, `GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\nConnection: close\r\n\r\n`],
  ['two names in Host', 400, `GET / HTTP/1.1\r\nHost: a, b\r\nConnection: close\r\n\r\n`],
  ['a path in Host', 400, `GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n`],
  ['a login in Host', 400, `GET / HTTP/1.1\r\nHost: u@b\r\nConnection: close\r\n\r\n`],
  ['no Host', 400, `GET / HTTP/1.1\r\nConnection: close\r\n\r\n`],
  ['HTTP/0.9', 505, `GET /\r\n\r\n`],
  ['unknown version', 400, `GET / HTTP/3.7\r\nHost: a\r\n\r\n`],
  ['unknown method', 400, `STEAL / HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['bytes above 127 in the path', 400, `GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['space in the path', 400, `GET /a b HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['OPTIONS *', 400, `OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`],
  ['another scheme', 400, `GET ftp://a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`],
  ['user in the target', 400, `GET http://u@a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`],
  ['CONNECT', 405, `CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['a TLS greeting', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['an HTTP/2 preface that goes wrong', 400, 'PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n'],
  ['another preface', 400, 'PRI / HTTP/2.0\r\n\r\nSM\r\n\r\n'],
];

describe('smuggling corpus', () => {
  test.each(corpus)('%s is refused with %i', async (_what, status, bytes) => {
    const { port, reached, server } = await watched();
    const text = await sendRaw(port, bytes + smuggled);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(reached).toEqual([]);
    expect(server.inFlight).toBe(0);
  });

  const badChunks: readonly (readonly [what: string, body: string])[] = [
    ['a size that is no number', 'zz\r\nabc\r\n0\r\n\r\n'],
    ['a negative size', '-3\r\nabc\r\n0\r\n\r\n'],
    ['a size with a space', '3 \r\nabc\r\n0\r\n\r\n'],
    ['a size that overflows', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
    ['a size shorter than the chunk', '2\r\nabc\r\n0\r\n\r\n'],
    ['a line feed alone behind the size', '3\nabc\r\n0\r\n\r\n'],
    ['a line feed alone behind the chunk', '3\r\nabc\n0\r\n\r\n'],
    ['a bare CR in an extension', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
  ];
  test.each(badChunks)('a chunk with %s ends the request unanswered by a pod', async (_, body) => {
    const { port, server, ends } = await watched();
    const text = await sendRaw(port, `${post}${chunked}\r\n${body}${smuggled}`);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).not.toContain('reached');
    await until('it is settled', () => server.inFlight === 0);
    expect(ends.filter((end) => end.endsWith('answered'))).toEqual([]);
  });

  test('lines that end in a line feed alone are refused', async () => {
    const { port, reached } = await watched();
    const text = await sendRaw(port, 'GET / HTTP/1.1\nHost: a\nConnection: close\n\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(reached).toEqual([]);
  });

  test('a request behind a well-formed one on the same connection is its own request', async () => {
    const { port, reached } = await watched();
    const { socket, seen } = await rawClient(port);
    socket.write(`${post}Content-Length: 3\r\n\r\nabc${smuggled}`);
    await until('both answers', () => seen.text.match(/reached/g)?.length === 2);
    expect(reached).toEqual(['POST /victim', 'GET /smuggled']);
  });

  test('nothing behind a refused request with a body is served on that connection', async () => {
    const { port, reached } = await watched({
      server: {
        route: (request) =>
          request.path === '/victim' ? refuse(404, 'No.') : refuse(500, 'Served!'),
      },
    });
    const text = await sendRaw(port, `${post}Content-Length: 3\r\n\r\nabc${smuggled}`);
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text).not.toContain('Served!');
    expect(reached).toEqual([]);
  });

  test('an HTTP/2 preface behind a request is a malformed request', async () => {
    const { port, reached } = await watched();
    const { socket, seen } = await rawClient(port);
    socket.write(smuggled);
    await until('the first answer', () => seen.text.includes('reached'));
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await until('the connection is closed', () => seen.closed);
    expect(seen.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    expect(reached).toEqual(['GET /smuggled']);
  });

  test('Connection cannot take the host or the framing away', async () => {
    const { port, reached } = await watched();
    const headers = 'Connection: host, content-length\r\nContent-Length: 3\r\n';
    const { socket, seen } = await rawClient(port);
    socket.write(`${post}${headers}\r\nabc`);
    await until('the answer', () => seen.text.includes('reached'));
    expect(reached).toEqual(['POST /victim']);
  });
});

describe('limits', () => {
  test('headers that are too large or too many are answered 431', async () => {
    const limits = { headerBytesMax: 4_096, headerCountMax: 20 };
    const { port, reached } = await watched({ server: { limits } });
    const large = await sendRaw(
      port,
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(5_000)}\r\n\r\n`,
    );
    expect(large).toMatch(/^HTTP\/1\.1 431 .*with 4096 bytes in all/s);
    const many = 'X: y\r\n'.repeat(19);
    const line = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
    expect(await sendRaw(port, `${line}${many}\r\n`)).toMatch(/^HTTP\/1\.1 431 .*allowed are 20/s);
    const more = await sendRaw(port, `${line}${'X: y\r\n'.repeat(60)}\r\n`);
    expect(more).toMatch(/^HTTP\/1\.1 431 .*allowed are 20/s);
    expect(reached).toEqual([]);
    const few = 'X: y\r\n'.repeat(18);
    expect(await sendRaw(port, `${line}${few}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a declared body that is too large is answered 413 without asking a pod', async () => {
    const { port, reached } = await watched({ server: { limits: { bodyBytesMax: 1_000 } } });
    const body = ['x'.repeat(1_001)];
    const answer = await ask(port, '/', {
      method: 'POST',
      headers: { 'content-length': '1001' },
      body,
    });
    expect(answer.status).toBe(413);
    expect(answer.body.toString()).toBe(
      'The request body is 1001 bytes; allowed are at most 1000 bytes.\n',
    );
    expect(reached).toEqual([]);
    const fits = {
      method: 'POST',
      headers: { 'content-length': '1000' },
      body: ['x'.repeat(1_000)],
    };
    expect((await ask(port, '/', fits)).status).toBe(200);
  });

  test('a chunked body that runs over is answered 413 and never ends at the pod', async () => {
    const endings: string[] = [];
    const pod = await startPod((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      request.on('error', () => endings.push(bytes <= 100_000 ? 'cut' : 'too much'));
      request.on('end', () => response.end('accepted'));
    });
    const { port, server, ends } = await startGate({
      ports: [pod.port],
      server: { limits: { bodyBytesMax: 100_000 } },
    });
    const { socket, seen } = await rawClient(port);
    socket.write(`${post}${chunked}\r\n`);
    const chunk = `2710\r\n${'x'.repeat(10_000)}\r\n`;
    for (let i = 0; i < 20; i++) socket.write(chunk);
    await until('413', () => seen.text.startsWith('HTTP/1.1 413 '));
    await until('the pod sees the end', () => endings.length > 0);
    expect(endings).toEqual(['cut']);
    expect(ends).toEqual(['413 tooLarge']);
    expect(server.inFlight).toBe(0);
    expect(seen.text).toContain('allowed are at most 100000 bytes');
  });

  test('slow headers and a stalled body are answered 408', async () => {
    const limits = { headersTimeoutMs: 500, bodyIdleTimeoutMs: 100 };
    const { port, server, ends } = await watched({ server: { limits } });
    expect(await sendRaw(port, 'GET / HTTP/1.1\r\nHos')).toMatch(/^HTTP\/1\.1 408 .*500 ms/s);
    const stalled = await sendRaw(port, `${post}Content-Length: 10\r\n\r\nabc`);
    expect(stalled).toMatch(/^HTTP\/1\.1 408 .*paused for more than 100 ms/s);
    expect(ends).toEqual(['408 stalled']);
    expect(server.inFlight).toBe(0);
  });

  test('a limit that makes no sense is refused by name', async () => {
    const start = startGate({ server: { limits: { headerCountMax: 0 } } });
    await expect(start).rejects.toThrow('headerCountMax is 0; allowed is a number of at least 1');
  });
});

describe('refusals by the caller', () => {
  test('the route can refuse, with its own status and sentence', async () => {
    const asked: string[] = [];
    const { port, ends } = await watched({
      server: {
        route: (request) => {
          asked.push(`${request.method} ${request.host} ${request.path} ${request.remoteAddress}`);
          return refuse(404, `No workload answers to "${request.host}".`);
        },
      },
    });
    const answer = await ask(port, '/a?b=c', { headers: { host: 'ghost.example' } });
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body.toString()).toBe('No workload answers to "ghost.example".\n');
    expect(asked).toEqual(['GET ghost.example /a?b=c 127.0.0.1']);
    expect(ends).toEqual([]);
    expect((await ask(port, '/', { method: 'HEAD' })).body.length).toBe(0);
  });

  test('a client that is still sending its large body gets to read the refusal', async () => {
    const { port } = await watched({ server: { route: () => refuse(404, 'Nobody here.') } });
    const { socket, seen } = await rawClient(port);
    socket.write(`${post}Content-Length: 900000\r\n\r\n`);
    for (let i = 0; i < 9; i++) socket.write('x'.repeat(100_000));
    await until('the end', () => seen.closed);
    expect(seen.text).toMatch(/^HTTP\/1\.1 404 /);
    expect(seen.text).toContain('Connection: close');
  });
});
