/** The judges of the real faults, judged: each kind of wrong in a log of a few lines is seen. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  chainBreaks,
  decisionForks,
  doubledEffects,
  doubledIds,
  lostFrom,
  readEvents,
  unexplainedGaps,
} from './judge-log.ts';
import { ledgerMistakes, lostRequests } from './ledger.ts';
import type { StoredMessage } from './raw-log.ts';
import { digestOf, type Witnessed } from './witness.ts';

const decisions = 'flyball.events.3.default.web.decisions';
const ticks = 'flyball.events.3.ticks';
const requests = 'flyball.events.3.default.web.requests.a';

interface Given {
  readonly on?: string;
  readonly type?: string;
  readonly id?: string;
  readonly cause?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Messages as a writer of the log spells them, chained by a hand of the test's own. */
const logOf = (...given: readonly Given[]): StoredMessage[] => {
  const last = new Map<string, string>();
  return given.map(({ on = decisions, type = 'decided', id, cause, data = {} }, index) => {
    const text = JSON.stringify({
      id: id ?? `id-${index}`,
      type: `dev.flyball.${type}.v1`,
      subject: 'default/web',
      source: '/flyball/decider/1',
      ...(cause === undefined ? {} : { causationid: cause }),
      data,
    });
    const before = last.get(on) ?? '0'.repeat(64);
    const chain = createHash('sha256').update(`${before}\n${text}`).digest('hex');
    last.set(on, chain);
    const body = `${text.slice(0, -1)},"chain":"${chain}"}`;
    return { seq: index + 1, subject: on, body, storedAtMs: 1_000 + index };
  });
};

const witnessed = (messages: readonly StoredMessage[]): Map<number, Witnessed> =>
  new Map(
    messages.map(({ seq, subject, body, storedAtMs }) => [
      seq,
      { seq, subject, digest: digestOf(body), storedAtMs },
    ]),
  );

const two = logOf(
  { cause: 'tick-1', data: { from: null, to: 1 } },
  { cause: 'tick-2', data: { from: 1, to: 2 } },
);
const memoryOf = (messages: readonly StoredMessage[]) => ({
  seen: witnessed(messages),
  replaced: [],
  readAtMs: 9_000,
});

test('a whole log is found whole', () => {
  const events = readEvents(two);
  expect(chainBreaks(two)).toEqual([]);
  expect(doubledIds(events)).toEqual([]);
  expect(doubledEffects(events)).toEqual([]);
  expect(decisionForks(events)).toEqual([]);
  expect(lostFrom(two, memoryOf(two))).toEqual([]);
  expect(unexplainedGaps(two, memoryOf(two))).toEqual([]);
});

test.each([
  ['a changed byte', two.map((one) => ({ ...one, body: one.body.replace('"to":1', '"to":3') }))],
  ['a missing message', two.slice(1)],
  ['another order', two.toReversed()],
  ['the same twice', [...two, ...two.slice(1)]],
])('%s breaks the chain', (_, log) => {
  expect(chainBreaks(log)).not.toEqual([]);
});

test('ticks that were purged break no chain, decisions would', () => {
  const log = logOf({ on: ticks }, { on: ticks }, { on: ticks });
  expect(chainBreaks(log.slice(1))).toEqual([]);
  expect(lostFrom(log.slice(1), memoryOf(log))).toEqual([]);
  expect(chainBreaks([...log.slice(0, 1), ...log.slice(2)])).toHaveLength(1);
});

test('an id, a decision and an applied scale may be there once', () => {
  const events = readEvents(
    logOf(
      { id: 'same', cause: 'tick-1' },
      { id: 'same', cause: 'tick-1' },
      { type: 'scale-applied', data: { because: 'decided', decisionId: 'd' } },
      { type: 'scale-applied', data: { because: 'decided', decisionId: 'd' } },
    ),
  );
  expect(doubledIds(events)).toHaveLength(1);
  expect(doubledEffects(events)).toHaveLength(2);
});

test('a decision that goes on from another number is a fork', () => {
  const log = logOf({ data: { from: null, to: 1 } }, { data: { from: 2, to: 3 } });
  expect(decisionForks(readEvents(log))).toHaveLength(1);
});

test('what was seen and is gone, changed or replaced is lost', () => {
  const seen = memoryOf(two);
  expect(lostFrom(two.slice(0, 1), seen)).toHaveLength(1);
  expect(lostFrom(two.slice(1), seen)).toHaveLength(1);
  const other = logOf({ data: { from: null, to: 1 } }, { data: { from: 1, to: 5 } });
  expect(lostFrom(other, seen)).not.toEqual([]);
  const replaced = [...seen.seen.values()].slice(0, 1);
  expect(lostFrom(two, { ...seen, replaced })).toHaveLength(1);
});

test('what was stored after the reading began is not missed', () => {
  expect(lostFrom(two.slice(0, 1), { ...memoryOf(two), readAtMs: 1_001 })).toEqual([]);
});

test('a gap that nobody may have made is told', () => {
  const log = logOf({}, { on: ticks }, {});
  const [first, , third] = log;
  const holed = [first, third].filter((one) => one !== undefined);
  expect(unexplainedGaps(holed, memoryOf(log))).toEqual([]);
  expect(unexplainedGaps(holed, memoryOf([]))).toHaveLength(1);
});

const count = (held: number, released: number, waiting: number) => ({
  ...{ on: requests, type: 'requests-counted' },
  data: { held, released, timedOut: 0, shed: 0, abandoned: 0, waiting },
});

test('the ledger has to balance, and losses to be what was counted last', () => {
  const lost = (number: number) => ({
    ...{ on: 'flyball.events.3.default.web.requests.lost', type: 'requests-lost' },
    data: { instance: 'a', lost: number, lastCountId: 'id-1' },
  });
  const right = readEvents(logOf(count(5, 0, 5), count(0, 2, 3), lost(3)));
  expect(ledgerMistakes(right)).toEqual([]);
  expect(lostRequests(right, 'default/web', 0)).toBe(3);
  expect(ledgerMistakes(readEvents(logOf(count(5, 0, 4))))).toHaveLength(1);
  expect(ledgerMistakes(readEvents(logOf(count(5, 0, 5), count(0, 2, 3), lost(2))))).toHaveLength(
    1,
  );
});

test('one that was taken for dead and lives tells what it held once more', () => {
  const lost = {
    ...{ on: 'flyball.events.3.default.web.requests.lost', type: 'requests-lost' },
    data: { instance: 'a', lost: 3, lastCountId: 'id-0' },
  };
  const woken = [count(3, 0, 3), lost, count(0, 1, 2)];
  expect(ledgerMistakes(readEvents(logOf(...woken)))).toEqual([]);
  expect(lostRequests(readEvents(logOf(...woken)), 'default/web', 0)).toBe(3);
  const found = readEvents(logOf(...woken, count(3, 0, 2), count(0, 2, 0)));
  expect(ledgerMistakes(found)).toEqual([]);
  expect(lostRequests(found, 'default/web', 0)).toBe(0);
  expect(ledgerMistakes(readEvents(logOf(...woken, count(3, 0, 4))))).toHaveLength(1);
});
