import { startRun } from '../../lib/pipeline/control/start.ts';
import { watchRules } from '../../lib/pipeline/control/watch-rules.ts';
import type { PipelineDeps } from '../../lib/pipeline/deps.ts';
import type { MonitorDeps } from '../../lib/serving/monitor/index.ts';
import { embeddedMetric } from '../../lib/store/embedded-metrics.ts';
import type { Environment, Stores } from '../../lib/store/index.ts';
import { PredictionLog } from '../../lib/tracking/prediction-log.ts';

/** What watching models needs, over this process's stores and pipelines. */
export function monitorDeps(
  { environment }: Pick<Environment, 'environment'>,
  { items }: Pick<Stores, 'items'>,
  pipeline: PipelineDeps,
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): MonitorDeps {
  const { objects, clock, registry, catalog } = pipeline;
  return {
    items,
    objects,
    registry,
    clock,
    // Opened when it is first used: not every process that answers routes has a bus.
    events: { publish: (type, detail) => pipeline.events.publish(type, detail) },
    predictions: new PredictionLog(items, objects, clock),
    rules: (model) => watchRules(catalog, model),
    start: (workspace, name, identity) =>
      startRun(pipeline, workspace, name, { identity, trigger: 'event', actor: 'monitor' }),
    watchSplit: (workspace, model) => watchSplit(watching, workspace, model),
    measure: ({ name, value, model }) =>
      write(
        embeddedMetric(
          {
            name,
            value,
            dimensions: { Environment: environment, ...(model !== undefined && { Model: model }) },
          },
          clock.now(),
        ),
      ),
  };
}
