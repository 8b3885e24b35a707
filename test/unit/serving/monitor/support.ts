import { monitorDeps } from '../../../../lambdas/shared/monitor.ts';
import { explainPredictions } from '../../../../lib/learn/explain/explain-predictions.ts';
import { readModelFile } from '../../../../lib/learn/file/model-file.ts';
import { predictRows } from '../../../../lib/learn/predict-rows.ts';
import { whenBelow, whenDrift } from '../../../../lib/pipeline/index.ts';
import { PredictionService } from '../../../../lib/serving/index.ts';
import { Monitoring } from '../../../../lib/serving/monitor/index.ts';
import { seededRandom } from '../../../../lib/table/index.ts';
import { PredictionLog } from '../../../../lib/tracking/index.ts';
import type { PredictionRecord } from '../../../../lib/tracking/types.ts';
import { tinyClasses, tinyClassesCsv } from '../../../support/definitions.ts';
import { pipelineWorld, runToEnd } from '../../../support/pipeline.ts';

export const WS = 'default';
export const MODEL = 'tiny-classes';
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

let trained: ReturnType<typeof train> | undefined;

/** Trains once: a world is a copy of what the run left. */
async function train() {
  const definition = tinyClasses({
    retrain: whenDrift({ window: '1 day' }),
    alert: whenBelow({ metric: 'accuracy', threshold: 0.6, minLabels: 20, retrain: { window: '2 days' } }),
  });
  const world = pipelineWorld([definition], { [MODEL]: tinyClassesCsv(400) });
  await runToEnd(world.deps, MODEL);
  return { definition, objects: world.objects, dump: world.items.dump() };
}

/** A trained and promoted classifier in memory, whose pipeline asks for a run on drift and on bad labels. */
export async function watchedWorld() {
  trained ??= train();
  const { definition, objects, dump } = await trained;
  // Objects are named by their hashes, or by ids that each world gives alike.
  const world = pipelineWorld([definition], {}, { objects });
  const { items, clock, deps, events } = world;
  items.restore(dump);
  const lines: string[] = [];
  const monitor = monitorDeps({ environment: 'test' }, { items }, deps, (line) => lines.push(line));
  const engine = { read: readModelFile, predict: predictRows, explain: explainPredictions };
  const serving = new PredictionService({ registry: deps.registry, objects, engine, clock });
  const monitoring = new Monitoring(monitor, serving);
  const log = new PredictionLog(items, objects, clock);
  const random = seededRandom(11);
  let requests = 0;

  /** A request of so many rows of the training's source, or moved by `shift`, logged now. */
  async function answer(
    rows: number,
    { shift = 0, ...more }: { shift?: number } & Partial<PredictionRecord> = {},
  ) {
    requests++;
    const sent = Array.from({ length: rows }, () => {
      // As tinyClassesCsv draws them.
      const i = Math.floor(random() * 400);
      return { x: ((i * 37) % 101) + shift, y: (i * 71) % 89 };
    });
    const { predictions, version } = await serving.predict(WS, MODEL, { rows: sent });
    const record: PredictionRecord = {
      requestId: `request-${requests}`,
      model: MODEL,
      version,
      at: clock.now().toISOString(),
      rows: sent,
      predictions,
      latencyMs: 10,
      ...more,
    };
    if (rows === 1) await log.record(WS, record);
    else await log.recordBatch(WS, record);
    return record;
  }

  /** The metrics that were written: name, value and dimensions. */
  const measured = () =>
    lines.map((line) => {
      const { _aws, Environment, Workspace, Model, ...value } = JSON.parse(line) as Record<string, unknown>;
      return [...Object.entries(value)[0]!, Environment, Workspace, Model];
    });
  return { ...world, objects, monitor, monitoring, serving, log, answer, measured, events };
}
export type WatchedWorld = Awaited<ReturnType<typeof watchedWorld>>;

/** The label that a model is right, or wrong, by. */
export const labelOf = (prediction: string | number | undefined, right: boolean): string =>
  right ? String(prediction) : prediction === 'yes' ? 'no' : 'yes';
