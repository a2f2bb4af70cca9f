/** A slow answer is waited for, a failed one is asked for again. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAsking, type Outcome } from './asking.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Questions, each answered by the test; `signals` has one for each that was asked. */
const questions = (isSeen = (): boolean => true) => {
  const signals: AbortSignal[] = [];
  const answers: ((outcome: Outcome) => void)[] = [];
  const asking = createAsking((signal) => {
    signals.push(signal);
    return new Promise<Outcome>((resolve, reject) => {
      answers.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }, isSeen);
  const answer = async (outcome: Outcome): Promise<void> => {
    answers.at(-1)?.(outcome);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { asking, signals, answer };
};

test('a question asked while one is under way neither aborts it nor runs beside it', async () => {
  const { asking, signals, answer } = questions();
  for (let count = 0; count < 5; count += 1) asking.ask();
  expect(signals).toHaveLength(1);
  await answer('answered');
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  await answer('answered');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals).toHaveLength(2);
});

test('what failed is asked again every three seconds, until it is answered', async () => {
  const { asking, signals, answer } = questions();
  asking.ask();
  for (let count = 1; count <= 3; count += 1) {
    expect(signals).toHaveLength(count);
    await answer('failed');
    await vi.advanceTimersByTimeAsync(2_999);
    expect(signals).toHaveLength(count);
    await vi.advanceTimersByTimeAsync(1);
  }
  await answer('answered');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals).toHaveLength(4);
});

test('while nobody looks, what failed is not asked again', async () => {
  let isSeen = false;
  const { asking, signals, answer } = questions(() => isSeen);
  asking.ask();
  await answer('failed');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals).toHaveLength(1);
  isSeen = true;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(signals).toHaveLength(2);
});

test('of questions soon after each other only the last one is asked', async () => {
  const { asking, signals } = questions();
  for (let count = 0; count < 5; count += 1) {
    asking.askAfter(120);
    await vi.advanceTimersByTimeAsync(119);
  }
  expect(signals).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(signals).toHaveLength(1);
});

test('an end aborts what is under way, and nothing is asked after it', async () => {
  const { asking, signals, answer } = questions();
  asking.ask();
  asking.ask();
  asking.end();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  await answer('failed');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals).toHaveLength(1);
});
