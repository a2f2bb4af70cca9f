/** The test projects: what each one runs, and how long a test of it may take. */
import { defineConfig } from 'vitest/config';

const code = '{libs,services,samples}/**';
const never = ['**/node_modules/**', '**/dist/**'];

// How long a condition is waited for where a test names no limit: vitest's one second is too
// little for a machine that is busy with other things.
const expect = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'story',
          expect,
          include: [
            `${code}/*.test.ts`,
            'test/{bench,manifests,metrics,mutation,soak}/**/*.test.ts',
          ],
          exclude: [...never, '**/*.{integration,kubernetes}.test.ts'],
          // A limit, not a measure: a machine that is busy with other things takes its time.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'fuzz',
          expect,
          include: ['test/fuzz/**/*.test.ts'],
          exclude: never,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'house',
          expect,
          include: ['test/house/**/*.test.ts'],
          exclude: never,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'traces',
          expect,
          include: ['test/traces/**/*.test.ts'],
          exclude: never,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'simulation',
          expect,
          include: ['test/simulation/**/*.test.ts'],
          exclude: never,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'integration',
          expect,
          include: [`${code}/*.integration.test.ts`, 'test/integration/**/*.test.ts'],
          exclude: never,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Servers and processes of several files at once would wait for each other's processor.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          expect,
          include: ['test/{e2e,faults}/**/*.test.ts'],
          exclude: never,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'console',
          expect,
          include: ['test/console/**/*.test.ts'],
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          // Run by `npm run test:kubernetes`, which gives it a network of its own.
          name: 'kubernetes',
          expect,
          include: [`${code}/*.kubernetes.test.ts`, 'test/kubernetes/**/*.test.ts'],
          exclude: never,
          globalSetup: ['test/kubernetes/cluster/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
