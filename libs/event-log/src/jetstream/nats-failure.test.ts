/** What the servers' error codes mean to an append: again, never again, or a rival's. */
import { JetStreamApiError } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import { failureKind, isWrongLastSequence, toOutsideError } from './nats-failure.ts';

const apiError = (status: number, code: number, description: string): JetStreamApiError =>
  new JetStreamApiError({ code: status, err_code: code, description });

it.each([
  [409, 10158, 'duplicate message id is in process'],
  [429, 10167, 'too many requests'],
  [503, 10163, 'expected last sequence per subject temporarily unavailable'],
  [503, 10008, 'JetStream system temporarily unavailable'],
])('a cluster that answers %i (%i) is asked again: its leader is changing', (...error) => {
  expect(failureKind(apiError(...error))).toBe('unknown');
  expect(toOutsideError(apiError(...error), 'Appending')).toMatchObject({
    code: 'NATS_TIMEOUT',
    retriable: true,
  });
});

it('a full stream and a wrong sequence are not asked again', () => {
  const full = apiError(503, 10077, 'maximum bytes exceeded');
  const fenced = apiError(400, 10071, 'wrong last sequence: 7');
  expect([full, fenced].map(failureKind)).toEqual(['final', 'final']);
  expect([full, fenced].map(isWrongLastSequence)).toEqual([false, true]);
});
