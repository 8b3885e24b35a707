import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { QUIET } from './mlflow-server.ts';

const CLIENT = fileURLToPath(new URL('../client/', import.meta.url));

/** The areas: a Python file each. */
const areasOf = (folder: string): readonly string[] =>
  readdirSync(CLIENT + folder)
    .filter((file) => file.endsWith('.py'))
    .map((file) => `${folder}.${file.slice(0, -3)}`)
    .sort();

/** Areas that run on both servers. */
export const AREAS = areasOf('cases');
/** Areas of what MLflow's server does not have: tokens, workspaces, the other ways into the same store. */
export const OWN_AREAS = areasOf('own');
/** Areas that need functions which run a pipeline's stages: a deployed stack. */
export const DEPLOYED_AREAS = areasOf('deployed');

const result = z.object({
  area: z.string(),
  title: z.string(),
  /** Why the case's own claims did not hold; null where they did. */
  error: z.string().nullable(),
  /** What it saw, normalised, by label. */
  shown: z.record(z.string(), z.unknown()),
  /** `METHOD /path` of each request. */
  calls: z.array(z.string()),
  milliseconds: z.number(),
});
export type CaseResult = z.infer<typeof result>;

/** A tracking server as the client is told of it. */
export interface Target {
  name: string;
  url: string;
  env?: Readonly<Record<string, string>>;
}

/**
 * Runs the cases of some areas (`cases.runs`) with the real client, one after the other in one process, against one server.
 *
 * @param tag the same for all servers of a comparison: it is in the names that the cases give
 * @throws Error with the client's last words where it ended before its last case
 */
export async function runClient(
  python: string,
  target: Target,
  areas: readonly string[],
  tag: string,
): Promise<CaseResult[]> {
  if (areas.length === 0) return [];
  const child = spawn(python, ['harness.py', areas.join(','), tag], {
    cwd: CLIENT,
    env: {
      ...process.env,
      ...QUIET,
      MLFLOW_TRACKING_URI: target.url,
      ...target.env,
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4_000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const results: CaseResult[] = [];
  let said: number | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const value = JSON.parse(line) as object;
    if ('cases' in value) said = value.cases as number;
    else results.push(result.parse(value));
  }
  const code = await ended;
  if (code !== 0 || said !== results.length)
    throw new Error(
      `the client against ${target.name} ended ${code} after ${results.length} cases:\n${words}`,
    );
  return results;
}
