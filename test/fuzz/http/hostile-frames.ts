/** What a hostile client may send in HTTP/2: what means more to HTTP/1.1, and odd frames. */
import {
  endHeaders,
  endStream,
  frame,
  frameTypes,
  headerBlock,
  opening,
} from '@flyball/proxy/testing';
import fc from 'fast-check';

/** A request of which the pod may be given this, or nothing. */
interface FramedRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

export interface HostileFrames {
  readonly requests: readonly FramedRequest[];
  /** Latin1. */
  readonly bytes: string;
  /** Where it is cut into writes of their own. */
  readonly cuts: readonly number[];
  /** The client breaks its connection in the end, rather than to close it. */
  readonly breaks: boolean;
}

type Line = readonly [name: string, value: string];

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: served.default.example.com\r\n\r\n';

const method = fc.constantFrom(
  ...['GET', 'GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'get', 'PRI', ''],
  `GET / HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}GET`,
);
const target = fc.constantFrom(
  ...['/', '/ok', '/a?b=c', '/a%00b', '//a', '/../../a', '*', 'a', '', '/a b', '/a#b', '/\xe4'],
  ...[
    'http://other.example/abs',
    '/a\\b',
    `/ HTTP/1.1\r\n\r\n${smuggled}`,
    '/\0',
    `/${'x'.repeat(9_000)}`,
  ],
);
const scheme = fc.constantFrom('http', 'http', 'https', 'ftp', '', 'http\r\nx: y');

/** Header lines, each of which is wrong in one of the two protocols or in both. */
const oddLine: fc.Arbitrary<Line> = fc.constantFrom<Line[]>(
  ['content-length', '0'],
  ['content-length', '5'],
  ['content-length', '+5'],
  ['content-length', '5, 5'],
  ['transfer-encoding', 'chunked'],
  ['transfer-encoding', 'identity'],
  ['connection', 'close'],
  ['connection', 'host, content-length'],
  ['upgrade', 'websocket'],
  ['keep-alive', '5'],
  ['proxy-connection', 'x'],
  ['te', 'trailers'],
  ['te', 'gzip'],
  ['expect', '100-continue'],
  ['expect', '200-ok'],
  ['host', 'evil.example'],
  ['host', 'served.default.example.com'],
  ['x-flyball-proxied', '1'],
  ['x-forwarded-host', 'evil'],
  ['x-forwarded-proto', 'https'],
  ['x', `a\r\n\r\n${smuggled}`],
  ['x', 'a\nTransfer-Encoding: chunked'],
  ['x', 'a\0b'],
  ['x\r\nTransfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'chunked'],
  ['x: y\r\nhost', 'a'],
  ['', 'x'],
  [':path', '/smuggled'],
  [':protocol', 'websocket'],
  [':status', '200'],
  ['cookie', 'a=b'],
  ['cookie', 'c=d'],
  ['content-type', 'text/plain; application/grpc'],
  ['x', '\xff\xfe'],
  ['x', 'y'.repeat(20_000)],
);

/** What stands behind a body: repeated, of one connection only, or named like all objects' own. */
export const oddTrailers: fc.Arbitrary<readonly Line[]> = fc.constantFrom<Line[][]>(
  [],
  [],
  [['x-sum', '5']],
  [
    ['etag', 'a'],
    ['etag', 'b'],
  ],
  [['http2-settings', 'AAMAAABkAAQAAP__']],
  [['content-length', '50']],
  [['transfer-encoding', 'chunked']],
  [
    ['constructor', 'a'],
    ['__proto__', 'b'],
  ],
  [['grpc-status', '0']],
  [['x', 'y'.repeat(20_000)]],
);

const body = fc.constantFrom('', 'hello', smuggled, `0\r\n\r\n${smuggled}`, '\0\r\n\xff');

interface Framing {
  readonly lines: readonly Line[];
  readonly body: string;
  readonly ends: boolean;
  readonly endsHeaders: boolean;
  /** With this code, behind all else; undefined: it is not. */
  readonly resetCode: number | undefined;
  readonly pieces: number;
  readonly trailers: readonly Line[];
}

const framesOf = (id: number, framing: Framing): Buffer[] => {
  const { lines, body, endsHeaders, resetCode, pieces, trailers } = framing;
  const ends = framing.ends && trailers.length === 0;
  const alone = body === '' && ends;
  const flags = (alone ? endStream : 0) | (endsHeaders ? endHeaders : 0);
  const frames = [frame(frameTypes.headers, flags, id, headerBlock(lines))];
  const bytes = Buffer.from(body, 'latin1');
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length; at += size) {
    const isLast = at + size >= bytes.length && ends;
    frames.push(frame(frameTypes.data, isLast ? endStream : 0, id, bytes.subarray(at, at + size)));
  }
  if (framing.ends && trailers.length > 0) {
    frames.push(frame(frameTypes.headers, endStream | endHeaders, id, headerBlock(trailers)));
  }
  if (resetCode !== undefined) {
    frames.push(frame(frameTypes.reset, 0, id, Buffer.from([0, 0, 0, resetCode])));
  }
  return frames;
};

const requestOf = (host: string) =>
  fc
    .record({
      method: fc.oneof(fc.constantFrom('GET', 'POST'), method),
      target: fc.oneof(fc.constant('/ok'), target),
      scheme,
      odd: fc.array(oddLine, { maxLength: 3 }),
      body,
      ends: fc.boolean(),
      endsHeaders: fc.constantFrom(true, true, true, true, false),
      resetCode: fc.constantFrom(undefined, undefined, undefined, undefined, 0, 8),
      trailers: oddTrailers,
      pieces: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ method: verb, target: path, scheme: by, odd, ...framing }) => {
      const pseudo: Line[] = [
        [':method', verb],
        [':scheme', by],
        [':path', path],
        [':authority', host],
      ];
      return {
        framing: { ...framing, lines: [...pseudo, ...odd] },
        // What never ended was not meant: a pod must not be given it as a whole one.
        meant: framing.ends ? [{ method: verb, target: path, body: framing.body }] : [],
      };
    });

/** A frame of any type on any stream, with anything in it. */
const oddFrame = fc
  .record({
    type: fc.nat({ max: 12 }),
    flags: fc.nat({ max: 255 }),
    stream: fc.constantFrom(0, 1, 2, 3, 99),
    payload: fc.uint8Array({ maxLength: 40 }),
  })
  // One that ends a request with more than was meant would be rightly given to a pod.
  .filter(({ type, flags }) => type > frameTypes.headers || (flags & endStream) === 0)
  .map(({ type, flags, stream, payload }) => frame(type, flags, stream, Buffer.from(payload)));

/** One to four requests on a connection; every other time there are odd frames between them. */
export const hostileFrames = (hosts: readonly string[]): fc.Arbitrary<HostileFrames> =>
  fc
    .record({
      requests: fc
        .constantFrom(...hosts)
        .chain((host) => fc.array(requestOf(host), { minLength: 1, maxLength: 4 })),
      odd: fc.oneof(fc.constant([]), fc.array(oddFrame, { minLength: 1, maxLength: 3 })),
      cuts: fc.array(fc.nat(), { maxLength: 3 }),
      breaks: fc.boolean(),
    })
    .map(({ requests, odd, cuts, breaks }) => {
      const frames = requests.flatMap(({ framing }, at) => [
        ...framesOf(2 * at + 1, framing),
        ...odd.slice(at, at + 1),
      ]);
      const bytes = Buffer.concat([opening(), ...frames]).toString('latin1');
      return { requests: requests.flatMap(({ meant }) => meant), bytes, cuts, breaks };
    });
