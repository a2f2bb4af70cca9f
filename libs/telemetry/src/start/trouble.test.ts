/** Trouble is told at once and then seldom, with all that was lost meanwhile. */
import { expect, test } from 'vitest';
import { createTrouble, troubleEveryMs } from './trouble.ts';

test('of many losses the first is told, and after a while what was lost since', () => {
  const told: string[] = [];
  let nowMs = 0;
  const trouble = createTrouble(
    (sentence) => told.push(sentence),
    () => nowMs,
  );
  trouble.lost(5, 'nobody listens');
  for (let index = 0; index < 100; index += 1) trouble.lost(2, 'nobody listens');
  expect(told).toEqual(['Spans are not sent: nobody listens; 5 were dropped']);
  nowMs = troubleEveryMs;
  trouble.lost(1, 'refused');
  expect(told.slice(1)).toEqual(['Spans are not sent: refused; 201 were dropped']);
});

test('what cannot be counted is told without a count', () => {
  const told: string[] = [];
  createTrouble((sentence) => told.push(sentence)).lost(0, 'the exporter failed');
  expect(told).toEqual(['Spans are not sent: the exporter failed']);
});

test('without a listener nothing is told', () => {
  expect(() => createTrouble(undefined).lost(1, 'x')).not.toThrow();
});
