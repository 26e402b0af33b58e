import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Unexpected console output fails a test.
    onConsoleLog(log) {
      throw new Error(`unexpected console output: ${log}`);
    },
  },
});
