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
