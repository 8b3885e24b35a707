import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineSummary, StartedRun } from '../../lib/http/types.ts';
import { localDir, ROOT } from '../local/paths.ts';
import { progressLines } from '../local/progress.ts';
import { InterruptedError, interruptSignal, stay } from '../local/stay.ts';
import { down, type LocalStack, saveState, up } from '../local/up.ts';
import { hasEnded, type PipelineList, type RunDetail } from './api-types.ts';
import { ApiClient, ApiError, path } from './client.ts';
import { curlCommands } from './curl.ts';
import { endCutOffRuns } from './cut-off.ts';
import { unknownName } from './names.ts';
import { outcomeOf, outcomesText, type PipelineOutcome } from './outcomes.ts';
import type { Output } from './output.ts';
import { pushLocalData } from './push.ts';
import { RunFailedError } from './run-text.ts';
import { watchRun } from './watch.ts';

/** The token stands in no log: it is asked for. */
const SIGN_IN = 'sign in with what `npx arboleda token show` prints';

/**
 * `npm start`: up, every pipeline (or those of `only`), the table, three curl commands, where the console is; then stays until Ctrl-C. What it
 * started, it ends. Interrupted before the table is shown, the exit code is 130.
 * @throws UnknownNameError before anything is started; RunFailedError where a pipeline failed and nobody stays to look at it; what `up` throws; EmulatorGoneError.
 */
export async function runStart(
  options: { exit?: boolean; port?: number; only?: readonly string[] },
  out: Output,
): Promise<void> {
  const { only = [] } = options;
  refuseUnknown(only, pipelineFolders());
  const say = progressLines();
  const { signal } = interruptSignal();
  let stack: LocalStack | undefined;
  let shown = false;
  try {
    stack = await up({ port: options.port, say, signal });
    const client = new ApiClient({
      apiUrl: stack.local.apiUrl,
      token: stack.local.adminToken,
      name: 'local',
    });
    if (!stack.emulator.reused) await endCutOffRuns(client, say);
    const { pipelines } = await client.get<PipelineList>('/pipelines');
    const outcomes: PipelineOutcome[] = [];
    const chosen = pipelines.filter(({ name }) => only.length === 0 || only.includes(name));
    for (const pipeline of chosen) outcomes.push(await runOne(client, pipeline, say, signal));
    saveState();
    // By a model that is there: of another pipeline none may ever have been made.
    const registered = outcomes.filter(({ version }) => version !== undefined);
    const ran = registered.map(({ pipeline }) => pipeline);
    const curls = await curlCommands(client, stack.local.apiUrl, ran);
    const [console_, docs] = [`${stack.local.apiUrl}/`, `${stack.local.apiUrl}/docs`];
    out.result(
      { apiUrl: stack.local.apiUrl, console: console_, docs, pipelines: outcomes, curl: curls },
      () =>
        [outcomesText(outcomes), ...curls, '', `docs: ${docs}`, `console: ${console_} (${SIGN_IN})`].join(
          '\n',
        ),
    );
    shown = true;
    const failed = outcomes.filter(({ status }) => status !== 'FINISHED');
    if (options.exit) {
      if (failed.length > 0)
        throw new RunFailedError(`${failed.map(({ pipeline }) => pipeline).join(', ')} did not finish`);
      return;
    }
    out.note(
      stack.emulator.reused
        ? 'Ctrl-C ends this; the stack was up before and stays up'
        : 'Ctrl-C ends the stack; its data is kept',
    );
    await stay(stack.emulator, signal);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    say(`${error.signal}: ending`);
    if (!shown) process.exitCode = 130;
  } finally {
    if (stack && !stack.emulator.reused) await down({ dir: localDir(), say });
  }
}

/** The pipelines of this repository, by their folders: told before an emulator is started for a name that is none. */
const pipelineFolders = (): string[] =>
  readdirSync(join(ROOT, 'data')).filter((name) => existsSync(join(ROOT, 'data', name, 'pipeline.ts')));

function refuseUnknown(names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName('pipeline', unknown, known);
}

async function runOne(
  client: ApiClient,
  pipeline: PipelineSummary,
  say: (message: string) => void,
  signal: AbortSignal,
): Promise<PipelineOutcome> {
  const { name } = pipeline;
  const start = performance.now();
  await pushLocalData(client, name, say);
  const started = await startOrJoin(client, name);
  say(`${name}: run ${started} ...`);
  const write = (text: string) => {
    for (const line of text.split('\n').filter(Boolean)) say(line);
  };
  const run = await watchRun(client, started, { write, tty: false, signal, label: `${name}: ` });
  if (run.error) say(`${name}: failed in ${run.error.stage}: ${run.error.code}: ${run.error.message}`);
  return outcomeOf(client, pipeline, run, (performance.now() - start) / 1000);
}

/** Starts a run; where one runs already (a schedule's), that one is watched instead. */
async function startOrJoin(client: ApiClient, name: string): Promise<string> {
  try {
    const headers = { 'idempotency-key': randomUUID() };
    return (await client.post<StartedRun>(path`/pipelines/${name}/runs`, {}, { headers })).runId;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    const { runs } = await client.get<{ runs: RunDetail[] }>('/runs', { pipeline: name, limit: 10 });
    const active = runs.find((run) => !hasEnded(run));
    if (!active) throw error;
    return active.runId;
  }
}
