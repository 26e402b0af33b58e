import { defineConfig } from 'vitest/config';

/** What waits for a browser or a service, and asserts how long that took: beside other tests it would be late. */
const timed = ['test/{browser,serve,studio,web}/**/*.test.ts'];

const common = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  pool: 'forks' as const,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'side by side',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: timed,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...common, name: 'one by one', include: timed, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
    // Unexpected console output fails a test.
    onConsoleLog(log) {
      throw new Error(`unexpected console output: ${log}`);
    },
  },
});
