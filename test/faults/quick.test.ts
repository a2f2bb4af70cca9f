/** The quick ones of the real faults, one round each: nothing lost, doubled, moved or forgotten. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bed, withBed } from './bed/bed.ts';
import { faults } from './list/faults.ts';
import { runFault } from './run-fault.ts';

const quick = faults.filter((fault) => fault.quick === true);
const told: string[] = [];
const tell = (text: string): void => void told.push(text);

let bed: Bed;
const used = Promise.withResolvers<void>();
let ended: Promise<void> = Promise.resolve();

beforeAll(async () => {
  const opened = Promise.withResolvers<Bed>();
  ended = withBed({ kind: 'plain', tell }, async (one) => {
    opened.resolve(one);
    await used.promise;
  });
  ended.catch(opened.reject);
  bed = await opened.promise;
});

afterAll(async () => {
  used.resolve();
  await ended;
});

test('they need no other bed than this one', () => {
  expect(quick.length).toBeGreaterThan(0);
  expect(new Set(quick.map((fault) => fault.bed))).toEqual(new Set(['plain']));
});

test.each(quick)('$name', async (fault) => {
  const result = await runFault(bed, fault, { rounds: 1, tell });
  expect(result.problems, told.join('\n')).toEqual([]);
  expect(result.sent).toBeGreaterThan(0);
  expect(result.recoveryMs).toHaveLength(8);
});
