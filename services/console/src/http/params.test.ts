/** Only what is said to be a parameter is one. */
import { expect, it } from 'vitest';
import { readParams, whole } from './params.ts';

const params = { limit: whole(1, 9) };

it('reads what is given of them', () => {
  expect(readParams(params, { limit: '3' })).toEqual({ limit: 3 });
  expect(readParams(params, undefined)).toEqual({});
});

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'since'])(
  'refuses %s as no parameter',
  (name) => {
    const query = Object.fromEntries([[name, '1']]);
    expect(readParams(params, query)).toMatchObject({
      status: 400,
      error: { code: 'BAD_REQUEST', message: `${name} is not a parameter of this: limit.` },
    });
  },
);
