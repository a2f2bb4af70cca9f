/** The judge is judged: what it takes for requests, and what it does not. */
import { describe, expect, it } from 'vitest';
import { readStrictly } from './strict-requests.ts';

const get = 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n';
const post = 'POST /b HTTP/1.1\r\nHost: h\r\n';
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;

describe('read strictly', () => {
  it('requests come one after the other, with their bodies and trailers', () => {
    const chunks = `${chunked}3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n`;
    const text = `${get}\r\n${post}Content-Length: 3\r\n\r\nabc${chunks}`;
    const { requests, rest, length } = readStrictly(text);
    expect([rest, length]).toEqual(['nothing', text.length]);
    expect(requests.map(({ method, target, body }) => [method, target, body])).toEqual([
      ['GET', '/a', ''],
      ['POST', '/b', 'abc'],
      ['POST', '/b', 'abc'],
    ]);
    expect(requests[2]?.trailers).toEqual([['t', 'u']]);
  });

  it.each([
    ['both framings', `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${post}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`],
    ['a signed length', `${post}Content-Length: +1\r\n\r\nx`],
    ['a space before the colon', `${post}X : y\r\n\r\n`],
    ['a folded line', `${post}X: y\r\n z\r\n\r\n`],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: h\r\n\r\n'],
    ['a bare carriage return', `${post}X: a\rb\r\n\r\n`],
    ['a NUL', `${post}X: a\0b\r\n\r\n`],
    ['a chunk that is longer than it says', `${chunked}2\r\nabc\r\n0\r\n\r\n`],
    ['a chunk size that is no number', `${chunked}0x3\r\nabc\r\n0\r\n\r\n`],
    ['another coding', `${post}Transfer-Encoding: xchunked\r\n\r\n`],
  ])('%s is no HTTP', (_what, text) => {
    expect(readStrictly(`${get}${text}${get}`)).toMatchObject({ rest: 'invalid', requests: [{}] });
  });

  it.each([
    ['a head', 'GET / HTTP/1.1\r\nHos'],
    ['a body', `${post}Content-Length: 3\r\n\r\nab`],
    ['a chunk', `${chunked}3\r\nab`],
    ['a last chunk', `${chunked}0\r\n`],
  ])('%s may still go on', (_what, text) => {
    expect(readStrictly(text)).toMatchObject({ rest: 'incomplete', requests: [] });
  });

  it('what follows a CONNECT is another protocol', () => {
    const tunnel = 'CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n';
    expect(readStrictly(`${tunnel}${get}`)).toMatchObject({ rest: 'tunnel', requests: [{}] });
  });
});
