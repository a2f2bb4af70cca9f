/** Every event that a workload's history can hold has a sentence of its own. */
import type { AnyEvent } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { eventSentence } from './event-sentence.ts';

const event = (type: string, pen: string, data: object): AnyEvent =>
  ({ id: 'x', type, pen, partition: 0, source: '/x', atMs: 0, data }) as unknown as AnyEvent;

it.each([
  [
    'RequestsCounted',
    'requests',
    { held: 50, released: 0, timedOut: 0, shed: 2, abandoned: 0, waiting: 48, waitedMaxMs: 0 },
    '50 held, 2 shed; 48 waiting',
  ],
  [
    'RequestsCounted',
    'requests',
    { held: 0, released: 48, timedOut: 0, shed: 0, abandoned: 0, waiting: 0, waitedMaxMs: 812 },
    '48 released; 0 waiting; longest wait 812 ms',
  ],
  [
    'RequestsLost',
    'lost',
    { instance: 'gw0', lost: 3, lastCountId: 'c' },
    '3 requests lost with activator gw0',
  ],
  [
    'ScaleApplied',
    'actions',
    { from: 0, to: 5, because: 'decided', attempt: 1 },
    '0 → 5 (decided)',
  ],
  [
    'ScaleFailed',
    'actions',
    { to: 5, attempt: 2, code: 'PLATFORM_CONFLICT', message: 'changed', retriable: true },
    '5 was not taken (PLATFORM_CONFLICT, attempt 2, tried again): changed',
  ],
  ['ScaleSuperseded', 'actions', { to: 5 }, '5 was overtaken by a newer decision'],
  ['RoutingApplied', 'actions', { routing: 'pods' }, 'requests go straight to the pods'],
  [
    'RoutingFailed',
    'actions',
    { routing: 'pods', attempt: 1, code: 'PLATFORM_REFUSED', message: 'no' },
    'routing through the pods was not taken (PLATFORM_REFUSED, attempt 1): no',
  ],
  [
    'ReplicasDrifted',
    'platform',
    { expected: 5, observed: 1, fieldManager: 'kubectl' },
    'kubectl set 1 replica, decided were 5',
  ],
  ['WakeRequested', 'requests', { waiting: 1 }, '1 request at zero, wanted now'],
  ['PlatformUnseen', 'platform', { reason: 'timeout' }, 'the platform cannot be seen: timeout'],
  ['PlatformSeen', 'platform', { unseenMs: 2_500 }, 'the platform is seen again after 2.5 s'],
  [
    'PolicySet',
    'policy',
    {
      policy: {
        ...{ metric: 'concurrency', targetValue: 7, targetUtilization: 0.7, totalValue: 10 },
        ...{ minScale: 0, maxScale: 0, stableWindowMs: 60_000, behaviour: 'flyball' },
      },
      warnings: ['a', 'b'],
    },
    '7 in flight a pod (70 % of 10), 0 or more replicas, window 1 min 00 s, behaviour flyball; ' +
      '2 warnings: see `flyball policy`',
  ],
  ['WorkloadGone', 'platform', { reason: 'opted-out' }, 'no longer under Flyball'],
  ['WorkloadUnreachable', 'platform', {}, 'no route leads to it: its floor is zero'],
  [
    'PolicyRefused',
    'policy',
    {
      complaints: [
        { key: 'min-scale', value: '-1', message: 'is too small', allowed: '0 or more' },
      ],
    },
    'refused, the policy before stays: min-scale: -1 is too small; allowed: 0 or more',
  ],
  [
    'ColdStartCompleted',
    'requests',
    {
      pod: 'web-1',
      status: 200,
      waited: 2,
      receivedAtMs: 1000,
      appliedAtMs: 1004,
      connectedAtMs: 1200,
      firstByteAtMs: null,
      lastByteAtMs: 1300,
    },
    '200 from web-1 in 300 ms, 2 waited (scaled after 4 ms, connected after 200 ms)',
  ],
])('%s of pen %s', (type, pen, data, sentence) => {
  expect(eventSentence(event(type, pen, data))).toBe(sentence);
});

it.each([
  [
    'PolicyRefused',
    { complaints: [{ key: 'k', value: '\n\x1b[2J\x1b]0;owned\x07', message: 'no', allowed: '1' }] },
    'refused, the policy before stays: k: no; allowed: 1',
  ],
  ['PodUnready', { pod: 'web-1', reason: 'crashed', message: 'a\r\n\x9b2Jb' }, /^web-1 \P{Cc}+$/u],
  [
    'ReplicasDrifted',
    { expected: 5, observed: 1, fieldManager: '\x1b[31mroot' },
    'root set 1 replica, decided were 5',
  ],
])('%s tells a terminal nothing that it would obey', (type, data, sentence) => {
  expect(eventSentence(event(type, 'platform', data))).toMatch(sentence);
});
