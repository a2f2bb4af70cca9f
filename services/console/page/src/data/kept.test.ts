/** Answers that are shown, and what they may be taken for. */
import { expect, test } from 'vitest';
import type { Failure } from './fetch-json.ts';
import { loadedOf, withAnswer } from './kept.ts';

const failure: Failure = { status: 503, code: 'LOG_AWAY', message: 'Away.', nearest: [] };
const failed = { ok: false, failure } as const;
const now = { subject: 'default/web', of: 'now' };
const then = { subject: 'default/web', of: '10:05' };
const keptNow = withAnswer<string>(null, now, { ok: true, body: 'five' });

test('nothing is there until the first answer', () => {
  expect(loadedOf(null, now)).toEqual({ body: null, failure: null, isLoading: true });
  expect(loadedOf(keptNow, now)).toEqual({ body: 'five', failure: null, isLoading: false });
});

test('while another question is asked, the answer that is shown is not called its own', () => {
  expect(loadedOf(keptNow, then)).toEqual({ body: 'five', failure: null, isLoading: true });
});

test('where another question fails, the answer before it goes', () => {
  const kept = withAnswer(keptNow, then, failed);
  expect(loadedOf(kept, then)).toEqual({ body: null, failure, isLoading: false });
});

test('where the same question fails, its answer stays', () => {
  const kept = withAnswer(keptNow, now, failed);
  expect(loadedOf(kept, now)).toEqual({ body: 'five', failure, isLoading: false });
});

test('a failure is not told of what is asked next', () => {
  const kept = withAnswer(keptNow, then, failed);
  expect(loadedOf(kept, now)).toEqual({ body: null, failure: null, isLoading: true });
});

test('of another subject nothing is shown', () => {
  const other = { subject: 'default/api', of: 'now' };
  expect(loadedOf(keptNow, other)).toEqual({ body: null, failure: null, isLoading: true });
});
