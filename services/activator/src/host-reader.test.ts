import { claimHosts, initialHostIndex, noHosts } from '@flyball/domain';
import { expect, test } from 'vitest';
import { createHostReader, hostsRememberedMax } from './host-reader.ts';

test('a host is read the same the first time and again', () => {
  const read = createHostReader('example.com', initialHostIndex);
  for (const _ of [1, 2]) {
    expect(read('web.default.example.com:8080')).toBe('default/web');
    expect(read('web.default.example.org')).toBeUndefined();
  }
});

test('hosts that somebody invents do not pile up, and the others are still read', () => {
  const index = initialHostIndex();
  const read = createHostReader('example.com', () => index);
  for (let at = 0; at <= hostsRememberedMax; at += 1) read(`w${at}.default.example.com`);
  expect(read('w0.default.example.com')).toBe('default/w0');
});

test('a claimed host goes before the domain, and what is remembered follows the claims', () => {
  let index = initialHostIndex();
  const host = 'web.default.example.com';
  const read = createHostReader('example.com', () => index);
  expect(read(host)).toBe('default/web');
  const claims = claimHosts(index, 'default/web-00001-deployment', noHosts, [host]);
  expect(read(`WEB.default.example.com:80`)).toBe('default/web-00001-deployment');
  expect(read(host)).toBe('default/web-00001-deployment');
  claimHosts(index, 'default/web-00002-deployment', noHosts, [host]);
  claimHosts(index, 'default/web-00001-deployment', claims, []);
  expect(read(host)).toBe('default/web-00002-deployment');
  index = initialHostIndex();
  expect(read(host)).toBe('default/web');
});
