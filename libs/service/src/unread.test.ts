/** What a stage passes by unread. */
import { expect, test } from 'vitest';
import { isUnread } from './unread.ts';

const message = (subject: string, id = 'x') => ({ id, subject, seq: 1, body: '', storedAtMs: 0 });
const decider = { passesBy: ['requests', 'lost'] } as const;

test('what this process told is read once, and not again', () => {
  const told = new Set(['x']);
  const own = message('flyball.events.0.default.web.decisions');
  expect(isUnread(decider, told, own)).toBe(true);
  expect(isUnread(decider, told, own)).toBe(false);
});

test.each([
  ['flyball.events.0.default.web.requests.gw0', true],
  ['flyball.events.0.default.web.requests.lost', true],
  ['flyball.events.0.default.web.platform', false],
  ['flyball.events.0.ticks', false],
  ['orders.new', false],
])('%s is passed by: %s', (subject, passed) => {
  expect(isUnread(decider, new Set(), message(subject))).toBe(passed);
});
