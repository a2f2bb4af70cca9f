/** A name that was made to lead here is not answered. */
import { expect, it } from 'vitest';
import { refusedHost } from './guard.ts';

it.each([
  'localhost',
  'LOCALHOST:8090',
  '127.0.0.1:8090',
  '10.1.2.3',
  '[::1]:8090',
  '[::1]',
  'console.flyball-system',
  'console.flyball-system:80',
])('%s may be asked for', (host) => {
  expect(refusedHost(host, ['console.flyball-system'])).toBeUndefined();
});

it.each([
  'evil.example.com',
  'localhost.evil.example.com:8090',
  '127.0.0.1.evil.example.com',
  'flyball-system',
  '127.0.0.1:80@evil.example.com',
  '',
  undefined,
])('%s may not', (host) => {
  const refusal = refusedHost(host, ['console.flyball-system']);
  expect(refusal).toMatchObject({ status: 403, error: { code: 'HOST_REFUSED' } });
  expect(refusal?.error.message).toContain('localhost, IP addresses, console.flyball-system');
});
