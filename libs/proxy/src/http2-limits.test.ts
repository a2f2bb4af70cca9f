/** What HTTP/2 must not be used for: smuggling into HTTP/1.1, floods, and connections for ever. */

import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { http2Ask, http2Session } from './http2-fixture.ts';
import { pause, rawClient, startGate, startPod, until } from './loopback-fixture.ts';
import {
  endHeaders,
  endStream,
  frame,
  framesIn,
  frameTypes,
  headerBlock,
  opening,
} from './testing/http2-frames.ts';

type Lines = readonly (readonly [string, string])[];

/** A request as it should be; a line that is given takes the place of the one with its name. */
const request = (...given: Lines): Lines => {
  const usual: Lines = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/victim'],
    [':authority', 'a.test'],
  ];
  const names = new Set(given.map(([name]) => name));
  const pseudo = given.filter(([name]) => name.startsWith(':'));
  const rest = given.filter(([name]) => !name.startsWith(':'));
  return [...pseudo, ...usual.filter(([name]) => !names.has(name)), ...rest];
};

const without = (name: string): Lines => request().filter(([one]) => one !== name);

const watched = async () => {
  const reached: string[] = [];
  const pod = await startPod((incoming, response) => {
    reached.push(`${incoming.method} ${incoming.url}`);
    incoming.resume().on('end', () => response.end('reached'));
  });
  return { ...(await startGate({ ports: [pod.port] })), reached };
};

/** Sends one request by hand; gives the frames that came back once its stream has ended. */
const sendFrames = async (port: number, frames: readonly Buffer[]) => {
  const { socket, seen } = await rawClient(port);
  socket.write(Buffer.concat([opening(), ...frames]));
  const back = () => framesIn(Buffer.from(seen.text, 'latin1'));
  const ended = ({ type, flags, stream }: ReturnType<typeof back>[number]) =>
    (stream === 1 && (type === frameTypes.reset || (flags & endStream) !== 0)) ||
    type === frameTypes.goaway;
  await until('the request ends', () => seen.closed || back().some(ended));
  socket.destroy();
  return { text: seen.text, frames: back() };
};

const head = (lines: Lines, flags = endStream | endHeaders): Buffer =>
  frame(frameTypes.headers, flags, 1, headerBlock(lines));

const corpus: readonly (readonly [what: string, lines: Lines])[] = [
  ['a name in upper case', request(['X-A', 'b'])],
  ['Transfer-Encoding', request(['transfer-encoding', 'chunked'])],
  ['Connection', request(['connection', 'host'])],
  ['Upgrade', request(['upgrade', 'websocket'])],
  ['Keep-Alive', request(['keep-alive', '1'])],
  ['TE that asks for more than trailers', request(['te', 'gzip'])],
  ['two Content-Lengths', request(['content-length', '0'], ['content-length', '5'])],
  ['a Content-Length without a body', request(['content-length', '5'])],
  ['a Content-Length that is no number', request(['content-length', '+0'])],
  ['a line break in the path', request([':path', '/ HTTP/1.1\r\nHost: b\r\n\r\nGET /smuggled'])],
  ['a space in the path', request([':path', '/a b'])],
  ['bytes above 127 in the path', request([':path', '/caf\xe9'])],
  ['a fragment', request([':path', '/a#b'])],
  ['a path that is a URL', request([':path', 'http://b/'])],
  ['a path that is empty', request([':path', ''])],
  ['OPTIONS *', request([':method', 'OPTIONS'], [':path', '*'])],
  ['a line break in the method', request([':method', 'GET / HTTP/1.1\r\nHost: b\r\n\r\nGET'])],
  ['an unknown method', request([':method', 'STEAL'])],
  [
    'CONNECT',
    [
      [':method', 'CONNECT'],
      [':authority', 'a.test:80'],
    ],
  ],
  ['extended CONNECT', request([':method', 'CONNECT'], [':protocol', 'websocket'])],
  ['another scheme', request([':scheme', 'ftp'])],
  ['two hosts in :authority', request([':authority', 'a.test, b.test'])],
  ['a path in :authority', request([':authority', 'a.test/b'])],
  ['a login in :authority', request([':authority', 'u@a.test'])],
  ['an :authority that is empty', request([':authority', ''])],
  ['a Host that differs from :authority', request(['host', 'b.test'])],
  ['two Hosts', request(['host', 'a.test'], ['host', 'a.test'])],
  ['no host at all', without(':authority')],
  ['no path', without(':path')],
  ['no method', without(':method')],
  ['two methods', [...request(), [':method', 'POST']]],
  ['an unknown pseudo-header', request([':status', '200'])],
];

/** Lines that nghttp2 leaves out, as if they had not been sent. */
const leftOut: readonly (readonly [what: string, name: string, value: string])[] = [
  ['a line break in a value', 'x-a', 'b\r\nTransfer-Encoding: chunked'],
  ['a line feed in a value', 'x-a', 'b\nc: d'],
  ['a NUL in a value', 'x-a', 'b\0c'],
  ['a line break in a name', 'x-a\r\nhost', 'b'],
  ['a colon in a name', 'host: b\r\nx', 'c'],
  ['an empty name', '', 'b'],
];

describe('smuggling corpus', () => {
  test.each(leftOut)('a header with %s is not passed on, nor split', async (_, name, value) => {
    let raw: readonly string[] = [];
    const pod = await startPod((incoming, response) => {
      raw = incoming.rawHeaders;
      response.end('reached');
    });
    const { port } = await startGate({ ports: [pod.port] });
    await sendFrames(port, [head(request([name, value], ['x-after', '1']))]);
    const own = ['x-after', 'host', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'];
    const names = raw.filter((_part, at) => at % 2 === 0);
    expect(names.filter((one) => one !== 'connection').toSorted()).toEqual(own.toSorted());
  });

  test.each(corpus)('%s reaches no pod', async (_what, lines) => {
    const { port, reached, server } = await watched();
    const { frames, text } = await sendFrames(port, [head(lines)]);
    const answered = frames.some(({ type, stream }) => stream === 1 && type === frameTypes.headers);
    const reset = frames.some(
      ({ type }) => type === frameTypes.reset || type === frameTypes.goaway,
    );
    expect(answered || reset).toBe(true);
    expect(text).not.toContain('reached');
    expect(reached).toEqual([]);
    expect(server.inFlight).toBe(0);
  });

  test('the same lines are answered when they are as they should be', async () => {
    const { port, reached } = await watched();
    expect((await sendFrames(port, [head(request(['host', 'a.test']))])).text).toContain('reached');
    expect(reached).toEqual(['GET /victim']);
  });

  test.each([
    ['shorter', '9'],
    ['longer', '3'],
  ])('a body that is %s than declared never is a whole request', async (_what, length) => {
    const { port, ends, server } = await watched();
    const lines = request([':method', 'POST'], ['content-length', length]);
    const body = frame(frameTypes.data, endStream, 1, Buffer.from('abcde'));
    const { text } = await sendFrames(port, [head(lines, endHeaders), body]);
    expect(text).not.toContain('reached');
    await until('it is settled', () => server.inFlight === 0);
    expect(ends.filter((end) => end.endsWith('answered'))).toEqual([]);
  });
});

describe('limits', () => {
  test('headers that are too many are answered 431, far too many are not read', async () => {
    const limits = { headerCountMax: 10 };
    const { port, server } = await startGate({ server: { limits } });
    const session = http2Session(port);
    const headers = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, 'v']));
    expect((await http2Ask(session, { ':path': '/', ...headers(11) })).status).toBe(431);
    const refused = await http2Ask(session, { ':path': '/', ...headers(60) });
    expect([refused.status, refused.resetCode]).toEqual([0, constants.NGHTTP2_ENHANCE_YOUR_CALM]);
    expect(server.inFlight).toBe(0);
  });

  test('a body that is too large is answered 413, one that stalls 408', async () => {
    const pod = await startPod((incoming) => void incoming.resume());
    const limits = { bodyBytesMax: 1_000, bodyIdleTimeoutMs: 500 };
    const { port, ends } = await startGate({ ports: [pod.port], server: { limits } });
    const session = http2Session(port);
    const post = { ':method': 'POST', ':path': '/' };
    const declared = { ...post, 'content-length': '2000' };
    expect((await http2Ask(session, declared, 'x'.repeat(2_000))).status).toBe(413);
    expect((await http2Ask(session, post, 'x'.repeat(2_000))).status).toBe(413);
    const stalled = session.request(post, { endStream: false });
    let status = 0;
    stalled.on('error', () => undefined);
    stalled.on('response', (headers) => {
      status = Number(headers[':status']);
    });
    stalled.write('x');
    await until('it is answered', () => status === 408);
    expect(ends).toEqual(['413 tooLarge', '408 stalled']);
  });

  test('more requests at once than allowed are refused, and may be sent again', async () => {
    const limits = { http2StreamsMax: 2 };
    const { port, holding } = await startGate({ holding: {}, server: { limits } });
    const { socket, seen } = await rawClient(port);
    const block = headerBlock(request());
    const streams = [1, 3, 5].map((id) =>
      frame(frameTypes.headers, endStream | endHeaders, id, block),
    );
    socket.write(Buffer.concat([opening(), ...streams]));
    const resets = () =>
      framesIn(Buffer.from(seen.text, 'latin1')).filter(({ type }) => type === frameTypes.reset);
    await until('one is refused', () => resets().length === 1);
    expect(resets()[0]).toMatchObject({ stream: 5 });
    expect(resets()[0]?.payload.readUInt32BE()).toBe(constants.NGHTTP2_REFUSED_STREAM);
    expect(holding?.ledger.waiting).toBe(2);
  });

  test('rapid resets end the connection, and nothing of them is left', async () => {
    const limits = { http2ResetsMax: 20, http2ResetsPerSecond: 1 };
    const { port, holding, server } = await startGate({ holding: {}, server: { limits } });
    const { socket, seen } = await rawClient(port);
    const block = headerBlock(request());
    const cancel = Buffer.alloc(4);
    cancel.writeUInt32BE(constants.NGHTTP2_CANCEL);
    socket.write(opening());
    for (let id = 1; id < 4_000 && !seen.closed; id += 2) {
      socket.write(frame(frameTypes.headers, endStream | endHeaders, id, block));
      socket.write(frame(frameTypes.reset, 0, id, cancel));
      if (id % 20 === 1) await pause(1);
    }
    await until('the connection is closed', () => seen.closed);
    await until('nothing is in flight', () => server.inFlight === 0);
    expect(holding?.ledger.waiting).toBe(0);
    expect(holding?.ledger.held).toBeLessThan(1_000);
  });

  test('a connection that asks for nothing is closed, whatever else it sends', async () => {
    const limits = { headersTimeoutMs: 1_000, keepAliveTimeoutMs: 80 };
    const pod = await startPod((_, response) => response.end('x'));
    const { port } = await startGate({ ports: [pod.port], server: { limits } });
    const [silent, used] = [http2Session(port), http2Session(port)];
    const pinging = setInterval(() => used.destroyed || used.ping(() => undefined), 20);
    expect((await http2Ask(used, { ':path': '/' })).status).toBe(200);
    await until('both are closed', () => silent.closed && used.closed);
    clearInterval(pinging);
  });
});

test('draining: what runs ends well, the connection says goodbye, the rest is cut', async () => {
  const finish: (() => void)[] = [];
  const pod = await startPod((_, response) => void finish.push(() => response.end('finished')));
  const limits = { http2GoawayNoticeMs: 20 };
  const gate = await startGate({ ports: [pod.port], server: { limits } });
  const [session, idle] = [http2Session(gate.port), http2Session(gate.port)];
  const running = http2Ask(session, { ':path': '/' });
  const endless = http2Ask(session, { ':path': '/' });
  await until('both run', () => finish.length === 2);
  const drained = gate.server.drain({ graceMs: 400 });
  await until('the idle one is closed', () => idle.closed);
  finish[0]?.();
  expect((await running).body.toString()).toBe('finished');
  expect(session.closed).toBe(true);
  expect((await endless).status).toBe(0);
  expect(await drained).toEqual({ cut: 1 });
  expect(gate.server.inFlight).toBe(0);
});
