/** What a hostile client may send: requests that are right but for one thing, or several. */
import fc from 'fast-check';

export interface HostileBytes {
  /** Latin1. */
  readonly bytes: string;
  /** Where it is cut into writes of their own. */
  readonly cuts: readonly number[];
  /** The client breaks its connection in the end, rather than to close it. */
  readonly breaks?: boolean;
}

const smuggled = (host: string): string => `GET /smuggled-NUMBER HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

const method = fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'get', 'PRI');
const target = (host: string) =>
  fc.constantFrom(
    ...['/', '/a?b=c', '/a%00b', '//a', '/../../a', '*', 'a', `http://${host}/abs`, '/a#b', '/ä'],
    ...['http://other.example/abs', `http://${host}`, `HTTP://${host}?q`, 'https://x/', '/a\\b'],
    ...[`http://user@${host}/`, `${host}:80`, `/${'x'.repeat(9_000)}`],
  );
const httpVersion = fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0');

/** Header lines, each with its own end. */
const oddLine = fc.constantFrom(
  ...['Content-Length: 0', 'Content-Length: 5', 'Content-Length: +5', 'Content-Length: 5, 5'],
  ...['Content-Length : 5', 'Content-Length: 0x5', 'Content-Length:5 ', 'content-length: 05'],
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: Chunked', 'Transfer-Encoding : chunked'],
  ...[
    'Transfer-Encoding:\tchunked',
    'Transfer-Encoding: chunked\x0b',
    'Transfer-Encoding: "chunked"',
  ],
  ...[
    'Transfer-Encoding: identity',
    'Transfer-Encoding: x, chunked',
    'Transfer-Encoding:\r\n chunked',
  ],
  ...[
    'Transfer_Encoding: chunked',
    'X: y\nTransfer-Encoding: chunked',
    '\x00Transfer-Encoding: chunked',
  ],
  ...[
    'Connection: close',
    'Connection: keep-alive, x-flyball-proxied, host',
    'Connection: upgrade',
  ],
  ...['Upgrade: websocket', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__', 'Upgrade: \x7f'],
  ...['Expect: 100-continue', 'Expect: 200-ok', 'TE: trailers', 'Trailer: content-length'],
  ...['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Host: evil', 'X-Forwarded-Proto: https'],
  ...[
    'x-flyball-proxied: 1',
    'X-Flyball-Proxied: 0',
    'X-Flyball-Proxied : 1',
    'x-flyball-proxied:',
  ],
  ...[
    'X: a\rb',
    'X: a\0b',
    'X: a\r\n b',
    ': x',
    'X',
    'X Y: z',
    'Keep-Alive: 5',
    'Proxy-Connection: x',
  ],
  ...['Host: evil.example', 'host:', 'Host: a, b', 'X: \xff\xfe', `X: ${'y'.repeat(20_000)}`],
  ...['Sec-WebSocket-Key: AAAA', 'Cookie: a=b', 'Max-Forwards: 0', 'X: \u0085'],
);

const chunkedBody = (host: string) =>
  fc.constantFrom(
    ...['0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', '5;a=b\r\nhello\r\n0\r\n\r\n'],
    ...['005\r\nhello\r\n0\r\n\r\n', '5\r\nhello0\r\n\r\n', '5 \r\nhello\r\n0\r\n\r\n'],
    ...['-5\r\nhello\r\n0\r\n\r\n', 'ffffffffffffffff\r\nhello', '5\nhello\r\n0\r\n\r\n'],
    ...['5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n', '0\r\nTransfer-Encoding: x\r\n\r\n'],
    ...[
      '0\r\nX: a\rb\r\n\r\n',
      '0\r\nHost: evil\r\n\r\n',
      `5;${'x'.repeat(30_000)}\r\nhello\r\n0\r\n\r\n`,
    ],
    ...[`0\r\n\r\n${smuggled(host)}`, `1e\r\n${smuggled(host)}\r\n0\r\n\r\n`],
  );

const body = (host: string) =>
  fc.oneof(
    fc.constant(''),
    fc.constantFrom('hello', smuggled(host), `0\r\n\r\n${smuggled(host)}`, '\r\n', '\0\r\n\xff'),
    chunkedBody(host),
  );

const request = (host: string): fc.Arbitrary<string> =>
  fc
    .record({
      method,
      target: fc.oneof(fc.constant('/ok'), target(host)),
      version: httpVersion,
      lines: fc.array(oddLine, { maxLength: 3 }),
      framing: fc.constantFrom('right', 'right', 'none', 'chunked'),
      body: body(host),
    })
    .map((one) => {
      const framing =
        one.framing === 'right' && one.body !== ''
          ? [`Content-Length: ${one.body.length}`]
          : one.framing === 'chunked'
            ? ['Transfer-Encoding: chunked']
            : [];
      const lines = [`Host: ${host}`, ...one.lines, ...framing];
      const start = `${one.method} ${one.target} ${one.version}\r\n`;
      return `${start}${lines.map((line) => `${line}\r\n`).join('')}\r\n${one.body}`;
    });

/** What leaves HTTP, if it is let: also behind requests that have no answer yet. */
const leaving = (host: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    `GET /h2 HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
    `CONNECT ${host}:80 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ...['POST /h2 h2c', 'PUT /ws websocket', 'GET /ws websocket'].flatMap((asked) => {
      const [method = '', path = '', to = ''] = asked.split(' ');
      const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
      const upgrade = `${head}Connection: Upgrade\r\nUpgrade: ${to}\r\n`;
      return [
        `${upgrade}Content-Length: 5\r\n\r\nhello`,
        `${upgrade}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      ];
    }),
  );

const oddByte = fc.constantFrom('\r', '\n', '\r\n', '\0', ' ', '\t', ':', ';', '\x0b', '\xff', '0');

/** Puts a byte in, or in the place of another, or takes one out. */
const slip = fc.record({
  at: fc.nat(),
  put: fc.oneof(oddByte, fc.constant('')),
  instead: fc.nat({ max: 2 }),
});

/** One to three requests on a connection; every other time a few bytes are wrong as well. */
export const hostileBytes = (hosts: readonly string[]): fc.Arbitrary<HostileBytes> =>
  fc
    .record({
      requests: fc.constantFrom(...hosts).chain((host) =>
        fc.array(fc.oneof({ weight: 4, arbitrary: request(host) }, leaving(host)), {
          minLength: 1,
          maxLength: 3,
        }),
      ),
      slips: fc.oneof(fc.constant([]), fc.array(slip, { minLength: 1, maxLength: 3 })),
      cuts: fc.array(fc.nat(), { maxLength: 3 }),
      breaks: fc.boolean(),
    })
    .map(({ requests, slips, cuts, breaks }) => {
      let bytes = requests.join('');
      for (const { at, put, instead } of slips) {
        const place = at % bytes.length;
        bytes = bytes.slice(0, place) + put + bytes.slice(place + instead);
      }
      const places = cuts.map((cut) => cut % Math.max(1, bytes.length));
      return { bytes, cuts: places.sort((one, other) => one - other), breaks };
    });
