/** Numbers in sentences: short, and never so short that the sum looks wrong. */
import { storyPolicy } from '@flyball/contracts/testing';
import { expect, it } from 'vitest';
import { saidDivision } from './sentence.ts';

it.each([
  [49.812, '49.81 in flight ÷ 7 a pod = 8'],
  [7, '7 in flight ÷ 7 a pod = 1'],
  [7.003, '7.003 in flight ÷ 7 a pod = 2'],
  [0.003, '0.003 in flight ÷ 7 a pod = 1'],
  [0, '0 in flight ÷ 7 a pod = 0'],
])('%d in flight', (load, sentence) => {
  expect(saidDivision(load, { ...storyPolicy, targetValue: 7 })).toBe(sentence);
});

it.each([
  [30, 3.334, '30 in flight ÷ 3.334 a pod = 9'],
  [5, 0.105, '5 in flight ÷ 0.105 a pod = 48'],
  [1, 0.007, '1 in flight ÷ 0.007 a pod = 143'],
  [30, 10 / 3, '30 in flight ÷ 3.3333333333333335 a pod = 9'],
])('%d in flight of a target of %d', (load, targetValue, sentence) => {
  expect(saidDivision(load, { ...storyPolicy, targetValue })).toBe(sentence);
});
