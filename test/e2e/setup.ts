import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { PipelineList, RunDetail } from '../../bin/cli/api-types.ts';
import { hasEnded } from '../../bin/cli/api-types.ts';
import { ApiClient, path } from '../../bin/cli/client.ts';
import { pushFile, pushLocalData } from '../../bin/cli/push.ts';
import { pause } from '../../bin/local/stay.ts';
import type { StartedRun } from '../../lib/http/types.ts';
import { ROLES, type Role } from '../../lib/tracking/types.ts';
import { startStack } from '../integration/setup.ts';
import { DATA_FOLDER } from '../integration/support/data.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    world: World;
  }
}

/** What the pages have to show: the runs of the deployed stack, and who may look. */
export interface World {
  /** The run of each pipeline, finished, with a version in production. */
  runs: Record<string, string>;
  /** A run of housing whose data was wrong. */
  failedRun: string;
  tokens: Record<Role, string>;
}

/**
 * The stack of the integration tests, with one real run of every pipeline and one that failed. `ARBOLEDA_TEST_DIR` keeps it for
 * the inner loop, and what ran there is not run again.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stack, stop } = await startStack();
  try {
    project.provide('stack', stack);
    project.provide(
      'world',
      await worldOf(new ApiClient({ ...stack, token: stack.adminToken, name: 'test' })),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function worldOf(client: ApiClient): Promise<World> {
  const say = (text: string) => process.stderr.write(`setup ${text}\n`);
  const { pipelines } = await client.get<PipelineList>('/pipelines');
  const runs: Record<string, string> = {};
  await Promise.all(
    pipelines.map(async ({ name }) => {
      const before = await lastRun(client, name, 'FINISHED');
      if (before !== undefined) {
        runs[name] = before;
        return;
      }
      await pushLocalData(client, name, say, DATA_FOLDER);
      const ended = await run(client, name);
      if (ended.status !== 'FINISHED')
        throw new Error(`${name} ended ${ended.status}: ${JSON.stringify(ended.error)}`);
      runs[name] = ended.runId;
      say(`${name}: run ${ended.runId} finished`);
    }),
  );
  const failedRun = (await lastRun(client, 'housing', 'FAILED')) ?? (await failedHousing(client, say));
  const tokens = Object.fromEntries(
    await Promise.all(
      ROLES.map(async (role) => {
        const { token } = await client.post<{ token: string }>('/tokens', { role, name: `e2e ${role}` });
        return [role, token];
      }),
    ),
  ) as Record<Role, string>;
  return { runs, failedRun, tokens };
}

async function lastRun(client: ApiClient, pipeline: string, status: string): Promise<string | undefined> {
  const { runs } = await client.get<{ runs: RunDetail[] }>('/runs', { pipeline, limit: 50 });
  // A run of some stages, as a test makes it, is none to show all pages by.
  return runs.find((one) => one.status === status && one.from === undefined)?.runId;
}

async function run(client: ApiClient, pipeline: string): Promise<RunDetail> {
  const { runId } = await client.post<StartedRun>(path`/pipelines/${pipeline}/runs`, {});
  // For what hangs: other lanes may share the machine.
  const deadline = Date.now() + 600_000;
  for (;;) {
    const now = await client.get<RunDetail>(path`/runs/${runId}`);
    if (hasEnded(now)) return now;
    if (Date.now() > deadline) throw new Error(`${pipeline} is ${now.status}: ${JSON.stringify(now.stages)}`);
    await pause(500);
  }
}

/** Gives housing a row that its schema refuses, runs it, and gives it the repository's own file again. */
async function failedHousing(client: ApiClient, say: (text: string) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'arboleda-wrong-'));
  const file = join(folder, 'wrong-rows.csv');
  const rows = Array.from(
    { length: 20 },
    (_, i) => `${2 + (i % 5)},${i === 7 ? 'many' : 60 + i},${i},${90_000 + 500 * i}`,
  );
  writeFileSync(file, `rooms,area,age,price\n${rows.join('\n')}\n`);
  try {
    await pushFile(client, file, 'housing');
    const ended = await run(client, 'housing');
    if (ended.status !== 'FAILED') throw new Error(`the run of wrong rows ended ${ended.status}`);
    say(`housing: run ${ended.runId} failed, as it should`);
    await pushFile(
      client,
      join(import.meta.dirname, '../../data/housing/ames_rooms_area_age.csv.gz'),
      'housing',
    );
    return ended.runId;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
