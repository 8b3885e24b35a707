import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { CreatedToken, RunDetail } from '../../../bin/cli/api-types.ts';
import { hasEnded } from '../../../bin/cli/api-types.ts';
import { ApiClient } from '../../../bin/cli/client.ts';
import { pause } from '../../../bin/local/stay.ts';
import type { StartedRun } from '../../../lib/http/types.ts';
import type { Role } from '../../../lib/tracking/types.ts';

/** The API as the admin of the workspace `default`. */
export const admin = (): ApiClient =>
  new ApiClient({ ...inject('stack'), token: inject('stack').adminToken, name: 'test' });

/** The API by a token. */
export const as = (token: string): ApiClient =>
  new ApiClient({ apiUrl: inject('stack').apiUrl, token, name: 'test' });

export const newToken = (role: Role, workspace?: string): Promise<CreatedToken> =>
  admin().post<CreatedToken>('/tokens', { role, name: `test ${role}`, ...(workspace ? { workspace } : {}) });

export interface RawAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
  body: any;
  text: string;
}

/** A request as it is, without a client's help: for what a client would never send. */
export async function raw(
  method: string,
  path: string,
  options: { token?: string; body?: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const { apiUrl, adminToken } = inject('stack');
  const token = options.token ?? adminToken;
  const response = await fetch(apiUrl + path, {
    method,
    body: options.body,
    redirect: 'manual',
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
  });
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.status, headers: response.headers, body, text };
}

export interface RunBody {
  from?: string;
  to?: string;
  force?: boolean;
}

/** Starts a run under an identity of its own. */
export const startRun = (
  pipeline: string,
  body: RunBody = {},
  key: string = randomUUID(),
): Promise<StartedRun> =>
  admin().post<StartedRun>(`/pipelines/${pipeline}/runs`, body, { headers: { 'idempotency-key': key } });

export const getRun = (runId: string): Promise<RunDetail> => admin().get<RunDetail>(`/runs/${runId}`);

/** Waits until `done` says so; throws with the last run seen after `seconds`. */
export async function waitForRun(
  runId: string,
  done: (run: RunDetail) => boolean = hasEnded,
  seconds = 180,
): Promise<RunDetail> {
  const deadline = Date.now() + seconds * 1000;
  while (true) {
    const run = await getRun(runId);
    if (done(run)) return run;
    if (Date.now() > deadline)
      throw new Error(`run ${runId} is ${run.status}: ${JSON.stringify(run.stages)}`);
    await pause(250);
  }
}

/** Runs a pipeline to its end; throws with the run's own error where it does not finish. */
export async function finishRun(pipeline: string, body: RunBody = {}): Promise<RunDetail> {
  const run = await endRun(pipeline, body);
  if (run.status !== 'FINISHED')
    throw new Error(`${pipeline} ended ${run.status}: ${JSON.stringify(run.error)}`);
  return run;
}

/** Runs a pipeline to whatever end. */
export async function endRun(pipeline: string, body: RunBody = {}): Promise<RunDetail> {
  const { runId } = await startRun(pipeline, body);
  return waitForRun(runId);
}

/** Waits until no run of the pipeline is under way, so that the next start finds its lock free. */
export async function quiet(pipeline: string): Promise<void> {
  const { runs } = await admin().get<{ runs: RunDetail[] }>('/runs', { pipeline, limit: 20 });
  for (const run of runs) if (!hasEnded(run)) await waitForRun(run.runId);
}

/** The stage's own status, or that of a Map's item. */
export const stageOf = (run: RunDetail, stage: string, item?: string) =>
  run.stages.find((record) => record.stage === stage && record.item === item);
