/** What a hostile pod may answer, and how it is asked: heads, 1xx, trailers, resets, upgrades. */
import {
  endHeaders,
  endStream,
  frame,
  frameTypes,
  headerBlock,
  opening,
} from '@flyball/proxy/testing';
import fc from 'fast-check';
import { oddTrailers } from './hostile-frames.ts';
import type { HostileAnswer, HostileFrame } from './hostile-pod.ts';

type Line = readonly [name: string, value: string];

/** Most often as it should be: what is wrong in all its parts is only refused. */
const rarely = <Value>(usual: fc.Arbitrary<Value>, odd: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd });

const status = rarely(
  fc.constantFrom('200', '200', '200', '204', '205', '206', '304', '404', '500'),
  fc.constantFrom(
    ...['599', '600', '999', '000', '099', '100', '101', '102', '103', '199', '20', '2000'],
    ...['abc', '+20', ''],
  ),
);
const interim = rarely(fc.constantFrom('102', '103', '104', '199'), fc.constantFrom('100', '101'));
const reason = rarely(
  fc.constantFrom('OK', '', 'ü\x85', '\t', 'x'.repeat(9_000)),
  fc.constantFrom('a\rb', 'no\0'),
);

const passable: fc.Arbitrary<Line> = fc.constantFrom<Line[]>(
  ['connection', 'close'],
  ['connection', 'x, content-length, transfer-encoding'],
  ['keep-alive', 'timeout=0'],
  ['keep-alive', 'timeout=-1, max=x'],
  ['trailer', 'x-sum, content-length'],
  ['trailer', ''],
  ['http2-settings', 'AAMAAABkAAQAAP__'],
  ['proxy-connection', 'x'],
  ['etag', 'a'],
  ['etag', 'b'],
  ['date', 'a'],
  ['content-type', 'a'],
  ['content-type', 'b'],
  ['set-cookie', 'a=b'],
  ['link', '</a.css>; rel=preload'],
  ['link', '</b.css>; rel=preload; as="style"'],
  ['link', 'no link'],
  ['link', ''],
  ['constructor', 'a'],
  ['__proto__', 'b'],
  ['hasownproperty', 'c'],
  ['location', 'ü'],
  ['x', '\xff\xfe'],
  ['x', 'y'.repeat(20_000)],
);
const hardlyPassable: fc.Arbitrary<Line> = fc.constantFrom<Line[]>(
  ['content-length', '2'],
  ['content-length', '5'],
  ['content-length', '0'],
  ['content-length', '-1'],
  ['content-length', ''],
  ['content-length', '99999999999999999999'],
  ['transfer-encoding', 'chunked'],
  ['transfer-encoding', 'gzip'],
  ['connection', 'upgrade'],
  ['upgrade', 'websocket'],
  ['upgrade', 'h2c'],
  ['te', 'trailers'],
  ['link', 'no link\x7f'],
  ['x', 'a\0b'],
  ['x', 'a\r\n b'],
  ['x y', 'z'],
  ['', 'x'],
  [':status', '200'],
  ['x', 'y'.repeat(70_000)],
);
const lines = fc.array(rarely(passable, hardlyPassable), { maxLength: 3 });

const linesText = (all: readonly Line[]): string =>
  all.map(([name, value]) => `${name}: ${value}\r\n`).join('');

const oldBody = fc.oneof(
  fc.constantFrom(
    '',
    'ok',
    'hello',
    '0\r\n\r\n',
    '2\r\nok\r\n',
    'zz\r\n',
    '2;a\r\nok\r\n0\r\n\r\n',
  ),
  oddTrailers.map((all) => `2\r\nok\r\n0\r\n${linesText(all)}\r\n`),
);

const oldHead = fc
  .record({ version: fc.constantFrom('1.1', '1.1', '1.1', '1.0', '2.0'), status, reason, lines })
  .map((one) => `HTTP/${one.version} ${one.status} ${one.reason}\r\n${linesText(one.lines)}\r\n`);

const oldInterim = fc
  .record({ interim, lines })
  .map((one) => `HTTP/1.1 ${one.interim} Wait\r\n${linesText(one.lines)}\r\n`);

const switching =
  'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello';

/** Whole but for a header, or a trailer. */
const oldWhole = fc.tuple(lines, oddTrailers).map(([all, trailers]) => {
  const head = `HTTP/1.1 200 OK\r\n${linesText(all)}`;
  if (trailers.length === 0) return `${head}Content-Length: 2\r\n\r\nok`;
  return `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${linesText(trailers)}\r\n`;
});

const oldBroken = fc
  .record({
    head: oldHead,
    body: oldBody,
    more: fc.constantFrom('', '', '', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno'),
  })
  .map(({ head, body, more }) => head + body + more);

const interims = <Value>(one: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant<Value[]>([]) }, fc.array(one, { maxLength: 2 }));

const oldAnswer = fc
  .tuple(interims(oldInterim), fc.oneof(oldWhole, oldWhole, oldBroken, fc.constant(switching)))
  .map(([before, answer]) => before.join('') + answer);

const headersOf = (all: readonly Line[], flags: number): HostileFrame => ({
  type: frameTypes.headers,
  flags: flags | endHeaders,
  payload: headerBlock(all),
});

const four = fc.constantFrom(...[0, 1, 2, 7, 8, 11, 14, 0x7fffffff, 0x80000000, 0xffffffff]);
const word = (number: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
};

const oddFrames: fc.Arbitrary<HostileFrame> = fc.oneof(
  four.map((code) => ({ type: frameTypes.reset, flags: 0, payload: word(code) })),
  fc.tuple(four, four).map(([last, code]) => ({
    ...{ type: frameTypes.goaway, flags: 0, ofConnection: true },
    payload: Buffer.concat([word(last), word(code), Buffer.from('why')]),
  })),
  four.map((increment) => ({ type: 8, flags: 0, payload: word(increment) })),
  four.map((size) => ({
    ...{ type: frameTypes.settings, flags: 0, ofConnection: true },
    payload: Buffer.concat([Buffer.from([0, 3]), word(size)]),
  })),
  fc
    .record({
      type: fc.nat({ max: 12 }),
      flags: fc.nat({ max: 255 }),
      payload: fc.uint8Array({ maxLength: 20 }),
      ofConnection: fc.boolean(),
    })
    .map((one) => ({ ...one, payload: Buffer.from(one.payload) })),
);

const modernAnswer: fc.Arbitrary<readonly HostileFrame[]> = fc
  .record({
    interims: interims(fc.tuple(interim, lines)),
    status,
    lines,
    body: fc.constantFrom('', 'ok', 'hello'),
    ends: rarely(fc.constant(true), fc.constant(false)),
    trailers: oddTrailers,
    odd: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(oddFrames, { maxLength: 2 })),
    at: fc.nat({ max: 4 }),
  })
  .map((one) => {
    const hasTrailers = one.trailers.length > 0;
    const last = one.ends && !hasTrailers ? endStream : 0;
    const frames = one.interims.map(([code, all]) => headersOf([[':status', code], ...all], 0));
    const body = Buffer.from(one.body);
    const isAlone = body.length === 0;
    frames.push(headersOf([[':status', one.status], ...one.lines], isAlone ? last : 0));
    if (!isAlone) frames.push({ type: frameTypes.data, flags: last, payload: body });
    if (hasTrailers) frames.push(headersOf(one.trailers, endStream));
    frames.splice(one.at, 0, ...one.odd);
    return frames;
  });

export const hostileAnswers: fc.Arbitrary<HostileAnswer> = fc.record({
  bytes: oldAnswer,
  frames: modernAnswer,
  ending: fc.constantFrom('stays', 'stays', 'ends', 'breaks'),
});

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n';

const framed = (method: string, type: string, body: string, trailers: readonly Line[]): string => {
  const last = trailers.length === 0 ? endStream : 0;
  const head: Line[] = [
    [':method', method],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a'],
    ['content-type', type],
  ];
  const frames = [
    frame(frameTypes.headers, endHeaders | (body === '' ? last : 0), 1, headerBlock(head)),
  ];
  if (body !== '') frames.push(frame(frameTypes.data, last, 1, Buffer.from(body)));
  if (last === 0) {
    frames.push(frame(frameTypes.headers, endHeaders | endStream, 1, headerBlock(trailers)));
  }
  return Buffer.concat([opening(), ...frames]).toString('latin1');
};

/** What clients ask a hostile pod by, in latin1: each is right but for its trailers. */
export const plainClients: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    get,
    get + get,
    upgrade,
    `${get}${upgrade}`,
    get.replace('GET', 'HEAD'),
    get.replace('1.1', '1.0'),
    'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\nhalf',
  ),
  oddTrailers.map((all) => `${chunked}${linesText(all)}\r\n`),
  fc
    .tuple(
      fc.constantFrom('GET', 'HEAD', 'POST'),
      fc.constantFrom('text/plain', 'application/grpc'),
      fc.constantFrom('', 'ok'),
      oddTrailers,
    )
    .map((all) => framed(...all)),
);
