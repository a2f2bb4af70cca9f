/** The work itself: allocates memory, finds primes, sleeps; never blocks others for long. */
import { setTimeout as wait, setImmediate as yieldToOthers } from 'node:timers/promises';

const MEGABYTE = 1024 * 1024;
const PAGE_BYTES = 4096;
/** One piece of work takes about a millisecond, then other requests have their turn. */
const BLOCK_MEGABYTES = 8;
const SEGMENT_NUMBERS = 512 * 1024;

/**
 * Allocates and touches every page, so that the memory is really used, then gives it back at once.
 * @param {number} megabytes
 * @returns {Promise<string>}
 */
export async function bloat(megabytes) {
  /** @type {ArrayBuffer[]} */
  const blocks = [];
  for (let done = 0; done < megabytes; done += BLOCK_MEGABYTES) {
    if (done > 0) await yieldToOthers();
    const block = new Uint8Array(Math.min(BLOCK_MEGABYTES, megabytes - done) * MEGABYTE);
    for (let at = 0; at < block.length; at += PAGE_BYTES) block[at] = 1;
    blocks.push(block.buffer);
  }
  // Waiting for the garbage collector would hold gigabytes under load.
  for (const block of blocks) structuredClone(block, { transfer: [block] });
  return `Allocated ${megabytes} Mb of memory.\n`;
}

/**
 * The primes up to a small bound, by the sieve of Eratosthenes.
 * @param {number} bound
 */
function primesUpTo(bound) {
  const composite = new Uint8Array(bound + 1);
  const primes = [];
  for (let number = 2; number <= bound; number += 1) {
    if (composite[number] === 1) continue;
    primes.push(number);
    for (let multiple = number * number; multiple <= bound; multiple += number) {
      composite[multiple] = 1;
    }
  }
  return primes;
}

/**
 * Sieves all numbers below the bound, a segment at a time, and keeps the last prime.
 * @param {number} bound
 * @returns {Promise<number | undefined>} undefined when there is none
 */
export async function largestPrimeBelow(bound) {
  const primes = primesUpTo(Math.floor(Math.sqrt(bound)));
  const composite = new Uint8Array(Math.min(SEGMENT_NUMBERS, bound));
  let largest;
  for (let start = 2; start < bound; start += composite.length) {
    if (start > 2) {
      await yieldToOthers();
      composite.fill(0);
    }
    const end = Math.min(start + composite.length, bound);
    for (const prime of primes) {
      if (prime * prime >= end) break;
      const first = Math.max(prime * prime, Math.ceil(start / prime) * prime);
      for (let at = first; at < end; at += prime) composite[at - start] = 1;
    }
    const last = composite.lastIndexOf(0, end - start - 1);
    if (last !== -1) largest = start + last;
  }
  return largest;
}

/**
 * @param {number} bound
 * @returns {Promise<string>}
 */
export async function prime(bound) {
  const largest = await largestPrimeBelow(bound);
  return largest === undefined
    ? `There are no primes smaller than ${bound}.\n`
    : `The largest prime less than ${bound} is ${largest}.\n`;
}

/**
 * Sleeps by a timer: thousands can sleep at the same time.
 * @param {number} milliseconds
 * @param {AbortSignal} [signal] ends the sleep early, by a rejection
 * @returns {Promise<string>}
 */
export async function sleep(milliseconds, signal) {
  const start = performance.now();
  // A timer may fire a fraction of a millisecond early.
  for (let slept = 0; slept < milliseconds; slept = performance.now() - start) {
    await wait(Math.ceil(milliseconds - slept), undefined, { signal });
  }
  return `Slept for ${(performance.now() - start).toFixed(2)} milliseconds.\n`;
}
