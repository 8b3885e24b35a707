import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../bin/local/child.ts';
import type { Item } from '../../lib/store/ports.ts';
import { ClientRuns } from '../../lib/tracking/index.ts';
import { MemoryItemStore, systemClock } from '../../test/support/memory.ts';
import type { Contender } from './contenders.ts';

/** "Default": every server has it, and here nothing else is in it. */
export const EXPERIMENT = '0';

/** A run of an ordinary experiment: what a search looks through. */
export interface SeedRun {
  runId: string;
  startTime: number;
  name: string;
  params: Record<string, string>;
  tags: Record<string, string>;
  metrics: Record<string, number>;
}

const MODELS = ['linear', 'forest', 'boosting', 'network', 'bayes'];
/** Golden-ratio steps: spread evenly, no two alike, and the same in every run of the bench. */
const spread = (n: number, step: number): number => (n * step) % 1;

export const seedRuns = (count: number): SeedRun[] =>
  Array.from({ length: count }, (_, n) => ({
    runId: `5eed0${n.toString(16).padStart(27, '0')}`,
    startTime: 1_750_000_000_000 + n * 1_000,
    name: `run-${n}`,
    params: {
      model: MODELS[n % 5]!,
      lr: String(10 ** -(1 + (n % 4))),
      depth: String(n % 13),
      seed: String(n),
    },
    tags: { 'mlflow.source.name': 'train.py', 'mlflow.source.type': 'LOCAL', team: `team-${n % 7}` },
    metrics: {
      accuracy: spread(n, 0.618_033_988_7),
      loss: spread(n, 0.414_213_562_4),
      f1: spread(n, 0.732_050_807_6),
      rmse: spread(n, 0.236_067_977_5),
      seconds: n % 600,
    },
  }));

/** The items of these runs, made by our own classes in memory: what the API would have written, call by call. */
export async function itemsOf(workspace: string, runs: readonly SeedRun[]): Promise<Item[]> {
  const items = new MemoryItemStore();
  const client = new ClientRuns(items, systemClock);
  for (const run of runs) {
    const { runId, startTime, name } = run;
    await client.create(workspace, {
      runId,
      experimentId: EXPERIMENT,
      startTime,
      name,
      tags: entries(run.tags),
    });
    await client.logBatch(workspace, runId, {
      params: entries(run.params),
      metrics: Object.entries(run.metrics).map(([key, value]) => ({
        key,
        value,
        step: 0,
        timestamp: startTime,
      })),
    });
  }
  return items.dump();
}

const entries = (record: Record<string, string>) =>
  Object.entries(record).map(([key, value]) => ({ key, value }));

/** The same runs into MLflow's own tables, by its own models in one transaction. */
export async function seedMlflow({ seed }: Contender, runs: readonly SeedRun[]): Promise<void> {
  if (!('sqlite' in seed)) throw new Error('only mlflow server is seeded by sqlite');
  const folder = mkdtempSync(join(tmpdir(), 'mlflow-seed-'));
  const file = join(folder, 'runs.json');
  writeFileSync(file, JSON.stringify(runs));
  const script = join(import.meta.dirname, 'seed.py');
  const logFile = join(folder, 'log.txt');
  const code = await runChild(seed.python, [script, seed.sqlite, EXPERIMENT, file], {
    cwd: folder,
    env: process.env,
    logFile,
  });
  if (code !== 0) throw new Error(`seeding MLflow ended ${code}; see ${logFile}`);
  rmSync(folder, { recursive: true, force: true });
}
