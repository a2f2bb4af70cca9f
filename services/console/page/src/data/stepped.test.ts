/** Changes are followed in steps, and the last of them is always among what is seen. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSteps } from './stepped.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([1, 2, 3, 7])('the last of %i changes is seen', (changes) => {
  let version = 0;
  let seen = 0;
  const steps = createSteps(1_000, () => {
    seen = version;
  });
  for (let change = 0; change < changes; change += 1) {
    version += 1;
    steps.changed();
    vi.advanceTimersByTime(700);
  }
  vi.advanceTimersByTime(1_000);
  expect(seen).toBe(changes);
});

test('changes without a pause are seen once a step', () => {
  const onStep = vi.fn();
  const steps = createSteps(1_000, onStep);
  for (let ms = 0; ms < 10_000; ms += 100) {
    steps.changed();
    vi.advanceTimersByTime(100);
  }
  expect(onStep).toHaveBeenCalledTimes(10);
});

test('after the end nothing is', () => {
  const onStep = vi.fn();
  const steps = createSteps(1_000, onStep);
  steps.changed();
  steps.end();
  vi.advanceTimersByTime(2_000);
  expect(onStep).not.toHaveBeenCalled();
});
