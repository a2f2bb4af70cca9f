import { expect, test } from 'vitest';
import { createHostReader, hostsRememberedMax } from './host-reader.ts';

test('a host is read the same the first time and again', () => {
  const read = createHostReader('example.com');
  for (const _ of [1, 2]) {
    expect(read('web.default.example.com:8080')).toBe('default/web');
    expect(read('web.default.example.org')).toBeUndefined();
  }
});

test('hosts that somebody invents do not pile up, and the others are still read', () => {
  const read = createHostReader('example.com');
  for (let at = 0; at <= hostsRememberedMax; at += 1) read(`w${at}.default.example.com`);
  expect(read('w0.default.example.com')).toBe('default/w0');
});
