/** The demo names each warning of its policies once. */
import type { AnyEvent } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { createWarnings } from './policy-warnings.ts';

const event = (type: string, data: object): AnyEvent => ({ type, data }) as unknown as AnyEvent;

it('names each warning once', () => {
  const warningsOf = createWarnings(captureTerminal());
  expect(warningsOf(event('ScaleApplied', {}))).toEqual([]);
  const first = event('PolicySet', { warnings: ['a has no effect', 'b is older'] });
  expect(warningsOf(first)).toEqual(['      ! a has no effect', '      ! b is older']);
  const second = event('PolicySet', { warnings: ['b is older', 'c is odd'] });
  expect(warningsOf(second)).toEqual(['      ! c is odd']);
});
