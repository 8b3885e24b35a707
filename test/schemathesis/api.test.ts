import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiClient } from '../../bin/cli/client.ts';
import { startStack } from '../integration/setup.ts';
import { type Options, type Report, runSchemathesis, type Target } from './support/run.ts';
import { seed } from './support/seeds.ts';
import { type ServedApi, serveWholeApi } from './support/whole.ts';

/**
 * Every operation of the OpenAPI document, asked by schemathesis with every check: sound input, broken input, each bound and each
 * wrong type. `CASES=1000` asks each operation that often; `SCHEMATHESIS_TARGET=deployed` asks the stack on the emulator in place of
 * the server in this process; `SCHEMATHESIS_PATHS=^/models` only those paths.
 */
const DEPLOYED = process.env.SCHEMATHESIS_TARGET === 'deployed';
const CASES = Number(process.env.CASES ?? (DEPLOYED ? 20 : 15));
const { SCHEMATHESIS_PATHS: paths } = process.env;
/** Whose model is the default one of a deploy. */
const PIPELINE = 'housing';

let target: Target;
let served: ServedApi | undefined;
let stop: () => Promise<void>;

beforeAll(async () => {
  if (DEPLOYED) {
    const started = await startStack();
    stop = started.stop;
    const { apiUrl: url, adminToken: token } = started.stack;
    await trained(new ApiClient({ apiUrl: url, token, name: 'schemathesis' }));
    // One pipeline that trains in seconds: what is asked to run does run there.
    target = { url, token, seeds: { ...(await seed(url, token)), pipelines: [PIPELINE] } };
    return;
  }
  // What is deleted is back after 25 requests, so that there is something to find.
  served = await serveWholeApi(25);
  stop = served.close;
  const { url, admin: token } = served;
  target = { url, token, seeds: await seed(url, token) };
  await served.keep();
});
afterAll(() => stop?.());

/** Runs the pipeline of the default model once, so that there is something to predict with. */
async function trained(api: ApiClient): Promise<void> {
  const { runId } = await api.post<{ runId: string }>(`/pipelines/${PIPELINE}/runs`);
  for (let status = 'RUNNING'; status !== 'FINISHED'; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    ({ status } = await api.get<{ status: string }>(`/runs/${runId}`));
    if (status === 'FAILED') throw new Error(`the run ${runId} of ${PIPELINE} failed`);
  }
}

async function ask(options: Omit<Options, 'seed'>): Promise<Report> {
  const { report, output } = await runSchemathesis(target, {
    seed: Number(process.env.SEED ?? 20261122),
    ...options,
    ...(paths === undefined ? {} : { paths }),
  });
  const { operations, test_cases, failures, errors, running_time } = report;
  const figures = { operations, test_cases, failures, errors, seconds: Math.round(running_time) };
  process.stderr.write(`${options.phases.join(', ')}: ${JSON.stringify(figures)}\n`);
  if (served !== undefined) {
    const answered = [...served.answered]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `${status}: ${count}`);
    process.stderr.write(`answers so far: ${answered.join(', ')}\n`);
  }
  // What stands behind a 500 is in the log alone, as in production.
  const told = `${output.slice(output.indexOf('= FAILURES'))}\n${served?.errors.slice(0, 5).join('') ?? ''}`;
  expect(failures, told).toEqual([]);
  expect(errors, told).toEqual([]);
  expect(report.complete).toBe(true);
  return report;
}

it('answers examples, bounds and random requests as its document says, and never with an error of its own', async () => {
  const phases = DEPLOYED
    ? (['examples', 'fuzzing'] as const)
    : (['examples', 'coverage', 'fuzzing'] as const);
  const report = await ask({ cases: CASES, phases });
  expect(report.operations.tested).toBe(report.operations.selected);
  expect(report.test_cases.generated).toBeGreaterThan(report.operations.selected * Math.min(CASES, 5));
  expect(served?.errors ?? []).toEqual([]);
});

it('keeps its word over several requests: what was made is there, what was deleted is gone', async () => {
  // Nothing is put back meanwhile.
  served?.freeze();
  const report = await ask({ cases: Math.min(CASES, 20), phases: ['stateful'] });
  expect(report.test_cases.generated).toBeGreaterThan(Math.min(CASES, 20));
  expect(served?.errors ?? []).toEqual([]);
});
