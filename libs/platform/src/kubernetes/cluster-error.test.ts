import { ApiException } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { ClusterError, isExpired, outsideErrorOf, refusedAnswer } from './cluster-error.ts';

const body = (message: string, details?: object): string =>
  JSON.stringify({ kind: 'Status', message, details });

describe('what an API server answers', () => {
  it.each([
    [400, 'PLATFORM_REFUSED', false],
    [401, 'PLATFORM_REFUSED', true],
    [403, 'PLATFORM_REFUSED', false],
    [404, 'PLATFORM_GONE', false],
    [408, 'PLATFORM_UNREACHABLE', true],
    [409, 'PLATFORM_CONFLICT', false],
    [410, 'PLATFORM_CONFLICT', false],
    [422, 'PLATFORM_REFUSED', false],
    [429, 'PLATFORM_UNREACHABLE', true],
    [500, 'PLATFORM_UNREACHABLE', true],
    [503, 'PLATFORM_UNREACHABLE', true],
    [504, 'PLATFORM_UNREACHABLE', true],
    [507, 'DISK_FULL', true],
  ] as const)('%d is %s', (status, code, retriable) => {
    const error = refusedAnswer({ status, body: body('no') }, 'scaling default/web');
    expect(error).toMatchObject({ code, retriable, status });
    expect(error.message).toContain(`scaling default/web: the API server answered ${status}: no`);
  });

  it('a store that is full says so in its text only', () => {
    const text = body('etcdserver: mvcc: database space exceeded');
    expect(refusedAnswer({ status: 500, body: text }, 'x').code).toBe('DISK_FULL');
  });

  it.each([
    ['2', undefined, 2_000],
    [undefined, { retryAfterSeconds: 3 }, 3_000],
    ['3600', undefined, 30_000],
    ['soon', undefined, undefined],
    ['', undefined, undefined],
    [new Date(Date.now() - 60_000).toUTCString(), undefined, 0],
    [undefined, undefined, undefined],
  ])('Retry-After %s and details %j wait %s ms', (retryAfter, details, waitMs) => {
    const answer = { status: 429, body: body('slowly', details), retryAfter };
    expect(refusedAnswer(answer, 'x').retryAfterMs).toBe(waitMs);
  });

  it.each(['', 'not JSON', '[]', 'null', '7', '{"message":7}'])('a body of %j is told', (text) => {
    expect(refusedAnswer({ status: 502, body: text }, 'x')).toMatchObject({ status: 502 });
  });

  it('is cut where it is long', () => {
    const error = refusedAnswer({ status: 500, body: 'x'.repeat(10_000) }, 'x');
    expect(error.message.length).toBeLessThan(700);
  });
});

describe('what was thrown', () => {
  it('keeps its kind, its cause and its code', () => {
    const own = new ClusterError('PLATFORM_GONE', 'gone', { retriable: false });
    expect(outsideErrorOf(own, 'x')).toBe(own);
    const exception = new ApiException(409, 'Conflict', body('changed'), { 'retry-after': '1' });
    expect(outsideErrorOf(exception, 'x')).toMatchObject({
      ...{ code: 'PLATFORM_CONFLICT', status: 409, retryAfterMs: 1_000 },
    });
    const socket = new Error('fetch failed', { cause: new Error('ECONNREFUSED 127.0.0.1:1') });
    const error = outsideErrorOf(socket, 'getting it');
    expect(error).toMatchObject({ code: 'PLATFORM_UNREACHABLE', retriable: true, cause: socket });
    expect(error.message).toContain('getting it: the API server did not answer: fetch failed: ECO');
  });

  it('is expired for a 410 alone', () => {
    expect(isExpired(refusedAnswer({ status: 410, body: '' }, 'x'))).toBe(true);
    expect(isExpired(refusedAnswer({ status: 409, body: '' }, 'x'))).toBe(false);
    expect(isExpired(new Error('410'))).toBe(false);
  });
});
