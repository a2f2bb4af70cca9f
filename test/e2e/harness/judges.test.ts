/** The judges are judged: what they are there to find, they find. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chainBreaks, doubleIds, ledgerOf } from './judges.ts';
import type { HistoryEvent } from './reading.ts';

const source = '/flyball/activator/1-a';

/** Events of one subject with their chain, as they are stored. */
const chainedHistory = (
  events: readonly { readonly name: string; readonly data: Record<string, unknown> }[],
): HistoryEvent[] => {
  let chain = '0'.repeat(64);
  return events.map(({ name, data }, index) => {
    const event = {
      ...{ id: `id-${index}`, source, type: `dev.flyball.${name}.v1`, subject: 'default/web' },
      ...{ time: '2026-01-01T00:00:00.000Z', data },
    };
    const text = JSON.stringify(event);
    chain = createHash('sha256').update(`${chain}\n${text}`).digest('hex');
    return { ...event, line: `${text.slice(0, -1)},"chain":"${chain}"}` };
  });
};

const none = { held: 0, released: 0, timedOut: 0, shed: 0, abandoned: 0 };
const counted = (counts: Partial<typeof none>, waiting: number) => ({
  name: 'requests-counted',
  data: { ...none, ...counts, waiting },
});

const whole = chainedHistory([
  counted({ held: 3 }, 3),
  counted({ held: 1, released: 2 }, 2),
  counted({ released: 1, shed: 1 }, 0),
]);

test('a whole history has no breaks, no doubles and a ledger that balances', () => {
  expect(chainBreaks(whole)).toEqual([]);
  expect(doubleIds(whole)).toEqual([]);
  expect(ledgerOf(whole)).toEqual({
    ...{ held: 4, released: 3, refused: 1, lost: 0, waiting: 0, mistakes: [] },
  });
});

test.each([
  ['lost', whole.toSpliced(1, 1)],
  ['doubled', whole.toSpliced(1, 0, ...whole.slice(1, 2))],
  ['moved', whole.toReversed()],
  [
    'changed',
    whole.map((event) => ({ ...event, line: event.line.replace('"held":1', '"held":2') })),
  ],
])('an event that was %s breaks the chain', (_how, history) => {
  expect(chainBreaks(history)).not.toEqual([]);
});

test('an id that occurs twice is found', () => {
  expect(doubleIds([...whole, ...whole.slice(1, 2)])).toEqual(['id-1']);
});

test('a count that does not follow from the one before is a mistake', () => {
  const history = chainedHistory([counted({ held: 3 }, 3), counted({ released: 2 }, 0)]);
  expect(ledgerOf(history).mistakes).toEqual(['id-1']);
});

test('a loss is taken off what its activator held, and must be what it held', () => {
  const losing = (lost: number) => {
    const data = { instance: '1', lost, lastCountId: 'id-0' };
    return ledgerOf(chainedHistory([counted({ held: 3 }, 3), { name: 'requests-lost', data }]));
  };
  expect(losing(3)).toMatchObject({ lost: 3, waiting: 0, mistakes: [] });
  expect(losing(2).mistakes).toEqual(['id-1']);
});
