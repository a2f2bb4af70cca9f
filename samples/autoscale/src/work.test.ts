/** The work is real, and what it says is true. */
import { expect, test } from 'vitest';
import { bloat, largestPrimeBelow, prime, sleep } from './work.js';

const isPrime = (number: number) => {
  for (let divisor = 2; divisor * divisor <= number; divisor += 1) {
    if (number % divisor === 0) return false;
  }
  return number >= 2;
};

test('every small bound has the prime that trial division finds', async () => {
  let expected: number | undefined;
  for (let bound = 1; bound <= 2_000; bound += 1) {
    if (isPrime(bound - 1)) expected = bound - 1;
    expect(await largestPrimeBelow(bound), `below ${bound}`).toBe(expected);
  }
});

test.each([
  [10_000, 9_973],
  // The second segment begins at 524,290 and, up to these bounds, holds no prime or only one.
  [524_290, 524_287],
  [524_310, 524_309],
  [1_048_583, 1_048_573],
  [3_000_000, 2_999_999],
])('the largest prime below %i is %i', async (bound, expected) => {
  expect(isPrime(expected)).toBe(true);
  expect(await largestPrimeBelow(bound)).toBe(expected);
});

test('the sentences are those of the original sample', async () => {
  expect(await bloat(5)).toBe('Allocated 5 Mb of memory.\n');
  expect(await prime(10_000)).toBe('The largest prime less than 10000 is 9973.\n');
  expect(await prime(2)).toBe('There are no primes smaller than 2.\n');
  expect(await sleep(3)).toMatch(/^Slept for \d+\.\d\d milliseconds\.\n$/);
});

test('a sleep is never shorter than asked', async () => {
  const sentences = await Promise.all(Array.from({ length: 50 }, () => sleep(7)));
  for (const sentence of sentences) {
    expect(Number(/[\d.]+/.exec(sentence)?.[0])).toBeGreaterThanOrEqual(7);
  }
});

test('large work lets others have their turn', async () => {
  const order: string[] = [];
  const large = [prime(3_000_000), bloat(32)].map((work) => work.then(() => order.push('large')));
  await new Promise<void>((resolve) => setImmediate(resolve));
  order.push('other');
  await Promise.all(large);
  expect(order).toEqual(['other', 'large', 'large']);
});
