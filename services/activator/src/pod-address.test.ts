/** An address of the log that no connection can be made to is told from one that can. */
import { createBalancer } from '@flyball/proxy';
import { expect, test } from 'vitest';
import { addressParts } from './pod-address.ts';

test.each([
  ['10.1.2.3:8080', '10.1.2.3', 8_080],
  ['[fd00::7]:80', 'fd00::7', 80],
  ['web-0.web.default.svc:65535', 'web-0.web.default.svc', 65_535],
])('%s is %s at %i, and a pod can be made of it', (address, host, port) => {
  expect(addressParts(address)).toEqual({ host, port });
  const pods = createBalancer();
  pods.add({ id: 'pod', host, port, reachable: true });
  pods.close();
});

// What the balancer throws for would end every activator that reads the fact, again and again.
test.each([
  '10.1.2.3:0',
  '10.1.2.3:65536',
  ':80',
  '[]:80',
  '[fe80::1%eth0]:80',
  '1.2.3.4.5:80',
  '%zz:80',
  'a/b:80',
  'a?b:80',
  'a#b:80',
  'user@host:80',
  'a\\b:80',
])('%s is nobody', (address) => {
  expect(addressParts(address)).toBeUndefined();
});
