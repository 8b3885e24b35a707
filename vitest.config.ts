import { defineConfig } from 'vitest/config';

/**
 * One project a kind of test, so that each runs alone: `npx vitest run --project unit test/unit/table/csv.test.ts`.
 * integration and localstack start (or reuse) an emulator in their global setup.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'property', include: ['test/property/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'infra', include: ['test/infra/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
  },
});
