import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/skipped-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: kernel and whole-program tests would starve each other with more.
    maxWorkers: 2,
  },
});
