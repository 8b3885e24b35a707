import { createHash } from 'node:crypto';
import type { ApiDeps } from '../deps.ts';
import type { HttpRequest } from '../message.ts';
import type { Route } from '../route.ts';
import { entry } from './entries.ts';
import { invalidParameter } from './errors.ts';
import { enumeration, int64, repeated, string } from './fields.ts';
import { mlflowRoute } from './route.ts';
import { knownExperimentId } from './rules.ts';
import { RUN_STATUS, runInfo, runMessage } from './run-message.ts';

const PATH = '/api/2.0/mlflow/runs';

/** A run's id, which MLflow's messages spell in two ways; `run_uuid` is the older one. */
export const runId = { run_id: string('required', 'string'), run_uuid: string() } as const;

/** The one that was given. */
export const runIdOf = (input: { run_id: string; run_uuid: string | undefined }): string =>
  input.run_id ?? input.run_uuid ?? '';

/**
 * MLflow's clients repeat a request whose answer was lost, and then make a second run. Who sends an Idempotency-Key gets the
 * run of the first request again.
 */
function givenId(request: HttpRequest): { runId?: string } {
  const key = request.headers['idempotency-key'];
  if (key === undefined || key === '') return {};
  return { runId: createHash('sha256').update(`mlflow-run/${key}`).digest('hex').slice(0, 32) };
}

export const runRoutes: readonly Route<ApiDeps>[] = [
  mlflowRoute({
    id: 'mlflowCreateRun',
    method: 'POST',
    path: `${PATH}/create`,
    permission: 'log',
    summary: 'Make a run in an experiment; the same Idempotency-Key is the same run',
    fields: {
      experiment_id: string('string'),
      start_time: int64('int'),
      run_name: string('string'),
      user_id: string(),
      tags: repeated(entry),
    },
    handle: async ({ deps, workspace, input, request }) => {
      const { experiment_id, run_name, user_id, start_time = 0 } = input;
      if (!experiment_id) throw invalidParameter("Missing value for required parameter 'experiment_id'.");
      const run = await deps.clientRuns.create(workspace, {
        ...givenId(request),
        experimentId: knownExperimentId(experiment_id),
        startTime: start_time,
        ...(run_name && { name: run_name }),
        ...(user_id && { userId: user_id }),
        // Here alone MLflow takes any key.
        tags: input.tags.map(({ key = '', value = '' }) => ({ key, value })),
      });
      return { run: runMessage(run, { outputs: false }) };
    },
  }),
  mlflowRoute({
    id: 'mlflowGetRun',
    method: 'GET',
    path: `${PATH}/get`,
    permission: 'read',
    summary: 'A run with its params, tags, latest metrics, datasets and models; a deleted one too',
    fields: runId,
    handle: async ({ deps, workspace, input }) => ({
      run: runMessage(await deps.clientRuns.get(workspace, runIdOf(input))),
    }),
  }),
  mlflowRoute({
    id: 'mlflowUpdateRun',
    method: 'POST',
    path: `${PATH}/update`,
    permission: 'log',
    summary: "Set a run's status, end and name; of a pipeline's run the name alone",
    fields: {
      ...runId,
      end_time: int64('int'),
      status: enumeration(RUN_STATUS, 'string'),
      run_name: string('string'),
    },
    handle: async ({ deps, workspace, input }) => {
      const { status, end_time, run_name } = input;
      const run = await deps.clientRuns.update(workspace, runIdOf(input), {
        ...(status !== undefined && { status }),
        ...(end_time !== undefined && { endTime: end_time }),
        ...(run_name !== undefined && { name: run_name }),
      });
      return { run_info: runInfo(run) };
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteRun',
    method: 'POST',
    path: `${PATH}/delete`,
    permission: 'log',
    summary: 'Delete a run softly: it keeps what it has and can be restored',
    fields: runId,
    handle: async ({ deps, workspace, input }) => {
      await deps.clientRuns.setLifecycle(workspace, runIdOf(input), 'deleted');
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowRestoreRun',
    method: 'POST',
    path: `${PATH}/restore`,
    permission: 'log',
    summary: 'Restore a deleted run',
    fields: runId,
    handle: async ({ deps, workspace, input }) => {
      await deps.clientRuns.setLifecycle(workspace, runIdOf(input), 'active');
      return {};
    },
  }),
];
