/** What a client is told whose request could not be served. */
import { expect, test } from 'vitest';
import { holdFailure } from './failure.ts';
import { defaultProxyLimits } from './limits.ts';

test('a request held in vain is told what is known of the pods', () => {
  const why = 'Pod web-1 is not ready: crashed (exit code 3: boom).';
  const { refusal } = holdFailure('timedOut', defaultProxyLimits, why);
  expect(refusal).toMatchObject({ status: 504, message: expect.stringContaining(why) });
});

test('where nothing is known nothing is added', () => {
  const { refusal } = holdFailure('timedOut', defaultProxyLimits, undefined);
  expect(refusal.message).toBe('The request was held, but no pod could take it in time.');
});
