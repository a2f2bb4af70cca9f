import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'story',
          include: ['libs/**/*.test.ts', 'services/**/*.test.ts', 'samples/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
        },
      },
      { test: { name: 'house', include: ['test/house/**/*.test.ts'] } },
      { test: { name: 'traces', include: ['test/traces/**/*.test.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['libs/**/*.integration.test.ts', 'test/integration/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
