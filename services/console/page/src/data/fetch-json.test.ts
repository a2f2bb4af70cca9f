/** What failures say. */
import { expect, test } from 'vitest';
import { withoutNearest } from './fetch-json.ts';

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
