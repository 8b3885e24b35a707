import {
  ClientRuns,
  Collection,
  Experiments,
  LoggedModels,
  type NewModelVersion,
  PipelineState,
  PredictionLog,
  Registry,
  Runs,
  Splits,
  Stages,
  Tokens,
} from '../../../lib/tracking/index.ts';
import {
  FixedClock,
  MemoryExecutions,
  MemoryItemStore,
  MemoryObjectStore,
  MemorySecret,
} from '../../support/memory.ts';

export const WS = 'default';
export const RUN = 'a'.repeat(32);
export const OTHER_RUN = 'b'.repeat(32);
export const SHA = '0123456789abcdef'.repeat(4);

export const runId = (n: number): string => n.toString(16).padStart(32, '0');

/** Everything over one store in memory, at a fixed time that steps on a millisecond a reading. */
export function world(adminSecret?: string) {
  const clock = new FixedClock('2026-03-01T12:00:00.000Z', 1);
  const items = new MemoryItemStore(clock);
  const objects = new MemoryObjectStore(clock);
  const executions = new MemoryExecutions(clock);
  return {
    clock,
    items,
    objects,
    executions,
    experiments: new Experiments(items, clock),
    runs: new Runs(items, clock),
    clientRuns: new ClientRuns(items, clock),
    stages: new Stages(items, clock),
    loggedModels: new LoggedModels(items, clock),
    state: new PipelineState(items, clock),
    collection: new Collection(items, clock),
    registry: new Registry(items, clock),
    splits: new Splits(items, clock),
    tokens: new Tokens(items, clock, new MemorySecret(adminSecret)),
    log: new PredictionLog(items, objects, clock),
    stores: { items, objects, executions, clock },
  };
}
export type World = ReturnType<typeof world>;

export const newRun = (id = RUN, more: object = {}) => ({
  runId: id,
  experimentId: '1',
  name: 'first',
  ...more,
});

export function newVersion(identity: string, more: Partial<NewModelVersion> = {}): NewModelVersion {
  return {
    identity,
    runId: RUN,
    modelKey: `${WS}/models/${SHA}.arbm`,
    modelSha256: SHA,
    sizeBytes: 10,
    algorithm: 'linear-regression',
    task: 'regression',
    metrics: { r2: 0.5 },
    ...more,
  };
}

/** A model `m` with that many versions. */
export async function withVersions({ registry }: World, count: number, ws = WS): Promise<void> {
  await registry.createModel(ws, { name: 'm' });
  for (let i = 1; i <= count; i += 1) await registry.createVersion(ws, 'm', newVersion(`v${i}`));
}
