import { startRun } from '../../lib/pipeline/control/start.ts';
import { watchRules } from '../../lib/pipeline/control/watch-rules.ts';
import type { PipelineDeps } from '../../lib/pipeline/deps.ts';
import type { MonitorDeps } from '../../lib/serving/monitor/index.ts';
import { embeddedMetric } from '../../lib/store/embedded-metrics.ts';
import type { Environment, Stores } from '../../lib/store/index.ts';
import { watchSplit } from '../../lib/tracking/index.ts';
import { PredictionLog } from '../../lib/tracking/prediction-log.ts';

/** What watching models needs, over this process's stores and pipelines. */
export function monitorDeps(
  { environment }: Pick<Environment, 'environment'>,
  { items }: Pick<Stores, 'items'>,
  pipeline: PipelineDeps,
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): MonitorDeps {
  const { objects, clock, registry, catalog } = pipeline;
  const predictions = new PredictionLog(items, objects, clock);
  // Opened when it is first used: not every process that answers routes has a bus.
  const events = {
    publish: (type: string, detail: Record<string, unknown>) => pipeline.events.publish(type, detail),
  };
  const splitDeps = { splits: pipeline.splits, predictions, events, clock };
  return {
    items,
    objects,
    registry,
    clock,
    events,
    predictions,
    rules: (model) => watchRules(catalog, model),
    start: (workspace, name, identity) =>
      startRun(pipeline, workspace, name, { identity, trigger: 'event', actor: 'monitor' }),
    watchSplit: (workspace, model) => watchSplit(splitDeps, workspace, model),
    measure: ({ name, value, of }) =>
      write(
        embeddedMetric(
          {
            name,
            value,
            dimensions: { Environment: environment, ...(of && { Workspace: of.workspace, Model: of.model }) },
          },
          clock.now(),
        ),
      ),
  };
}
