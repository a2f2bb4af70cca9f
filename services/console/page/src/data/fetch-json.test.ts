/** What failures say. */
import { expect, test } from 'vitest';
import { isUnanswered, outcomeOf, withoutNearest } from './fetch-json.ts';

const unknown = { status: 404, code: 'UNKNOWN_WORKLOAD' };

test('names that come near are said once, by their links', () => {
  const message = 'No workload default/wbe is recorded here. Did you mean default/web, shop/web?';
  const nearest = ['default/web', 'shop/web'];
  expect(withoutNearest({ ...unknown, message, nearest })).toBe(
    'No workload default/wbe is recorded here.',
  );
});

test('without such names all of it is said', () => {
  const message = 'No workload default/web is recorded here. There is none yet.';
  expect(withoutNearest({ ...unknown, message, nearest: [] })).toBe(message);
  expect(withoutNearest({ ...unknown, message, nearest: ['shop/web'] })).toBe(message);
});

test.each([
  [null, 'failed', true],
  [404, 'failed', false],
  [503, 'failed', false],
  [400, 'answered', false],
])('after status %s the question counts as %s', (status, outcome, isGone) => {
  const failure = { status, code: 'ANY', message: '', nearest: [] };
  expect(outcomeOf({ ok: false, failure })).toBe(outcome);
  expect(isUnanswered(failure)).toBe(isGone);
  expect(outcomeOf({ ok: true, body: {} })).toBe('answered');
});
