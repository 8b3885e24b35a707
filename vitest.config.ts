import { defineConfig } from 'vitest/config';
import RolesLast from './test/integration/support/order.ts';

/**
 * A limit of time is for what hangs, never a judgement: two lanes share a machine, and a slow one is no failure.
 *
 * One project a kind of test, so that each runs alone: `npx vitest run --project unit test/unit/table/split.test.ts`.
 * integration and localstack start (or reuse) an emulator and deploy the app once, in their global setup; their files run one
 * after the other, as they share that one deployment. A test that takes long takes it in the emulator, hence the limits.
 */
const deployed = { testTimeout: 240_000, hookTimeout: 300_000, fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
    // What a passing test logs is noise; a failing one shows all of it.
    silent: 'passed-only',
    // Functions' roles are held against every call that the integration and acceptance tests made.
    sequence: { sequencer: RolesLast },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/unit/**/*.test.tsx'],
          setupFiles: 'test/support/seed.ts',
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'property',
          include: ['test/property/**/*.test.ts'],
          setupFiles: 'test/support/seed.ts',
          testTimeout: 180_000,
        },
      },
      { test: { name: 'chaos', include: ['test/chaos/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'integration',
          // The acceptance tests go through the command line and HTTP alone, on the same deployment.
          include: ['test/integration/**/*.test.ts', 'test/acceptance/**/*.test.ts'],
          globalSetup: 'test/integration/setup.ts',
          ...deployed,
        },
      },
      // Stacks of their own, started and ended by the command line as a user does it.
      { test: { name: 'stacks', include: ['test/stacks/**/*.test.ts'], ...deployed } },
      // The real mlflow client against `mlflow server` and this stack: makes a venv, so a lane of its own.
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          globalSetup: 'test/conformance/setup.ts',
          ...deployed,
        },
      },
      // schemathesis over the OpenAPI document, against a server in this process or the stack: makes a venv, so a lane of its own.
      {
        test: {
          name: 'schemathesis',
          include: ['test/schemathesis/**/*.test.ts'],
          testTimeout: 7_200_000,
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
      // Needs a Chromium (CHROMIUM names it, else Debian's): a lane of its own, so that `npm test` asks for none.
      // A page loads in its own time, and a machine that is short of it may show a moment that no reader sees: what fails twice is wrong.
      {
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 60_000, retry: 1 },
      },
      // Every page over the deployed stack and real runs: the emulator and a Chromium.
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/setup.ts',
          expect: { poll: { timeout: 60_000, interval: 250 } },
          retry: 1,
          ...deployed,
        },
      },
      {
        test: {
          name: 'localstack',
          include: ['test/localstack/**/*.test.ts'],
          globalSetup: 'test/localstack/setup.ts',
          ...deployed,
        },
      },
    ],
  },
});
