/** Which settings of the queue-proxy are refused, before the API server refuses its pods. */
import { expect, it } from 'vitest';
import { defineConfig, describeProblems, readConfig } from './config.ts';
import { assertQueueProxyLimits, queueProxySettings } from './queue-proxy-settings.ts';

const schema = defineConfig(queueProxySettings).superRefine(assertQueueProxyLimits);

const problemsOf = (given: Readonly<Record<string, string>>): readonly string[] => {
  const variables = Object.entries(given).map(([key, value]) => [
    `FLYBALL_QUEUE_PROXY_${key}`,
    value,
  ]);
  const read = readConfig(schema, Object.fromEntries(variables));
  return read.ok ? [] : describeProblems(read.problems).split('\n');
};

it.each([
  [{}],
  [{ CPU_MAX: '25m' }],
  [{ CPU_MAX: '0.025' }],
  [{ CPU: '0.035', CPU_MAX: '35m' }],
  [{ CPU: '900m', CPU_MAX: '1' }],
  [{ CPU: '1.5', CPU_MAX: '1500m' }],
  [{ CPU: '8' }],
  [{ MEMORY: '512Mi' }],
  [{ MEMORY: '1.5Gi', MEMORY_MAX: '1536Mi' }],
  [{ MEMORY: '1000M', MEMORY_MAX: '1G' }],
])('takes %o', (given) => {
  expect(problemsOf(given)).toEqual([]);
});

it.each([
  [{ CPU_MAX: '20m' }, 'CPU_MAX="20m"', 'CPU, which is 25m, or nothing'],
  [{ CPU: '1', CPU_MAX: '999m' }, 'CPU_MAX="999m"', 'CPU, which is 1, or nothing'],
  [{ MEMORY: '1G', MEMORY_MAX: '0.9Gi' }, 'MEMORY_MAX="0.9Gi"', 'MEMORY, which is 1G'],
  [{ MEMORY: '513Mi' }, 'MEMORY_MAX="512Mi"', 'MEMORY, which is 513Mi'],
  [{ MEMORY_MAX: '512' }, 'MEMORY_MAX="512"', 'MEMORY, which is 96Mi'],
])('refuses %o: no pod may have less than it requests', (given, wrong, least) => {
  expect(problemsOf(given)).toEqual([
    `FLYBALL_QUEUE_PROXY_${wrong} is wrong: give at least FLYBALL_QUEUE_PROXY_${least}.`,
  ]);
});

it('says of both at once', () => {
  expect(problemsOf({ CPU_MAX: '1m', MEMORY_MAX: '1Mi' })).toHaveLength(2);
});

it.each(['96MB', '96ki', '96K', '1e3', '.5', '-1', 'much'])('takes %s for no quantity', (given) => {
  expect(problemsOf({ MEMORY: given })).toEqual([
    `FLYBALL_QUEUE_PROXY_MEMORY="${given}" is wrong: give a quantity such as 25m or 96Mi.`,
  ]);
});
