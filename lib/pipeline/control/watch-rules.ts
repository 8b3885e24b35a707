import type { Catalog } from '../catalog.ts';
import { describeDefinition } from '../catalog.ts';

/** What a pipeline's definition asks of whoever watches its model in service. */
export interface PipelineRules {
  pipeline: string;
  whenDrift?: { window: number };
  metric?: {
    metric: 'accuracy' | 'r2' | 'rmse' | 'mae';
    wrong: 'below' | 'above';
    threshold: number;
    minLabels: number;
    over: number;
    retrain?: { window: number } | undefined;
  };
}

/** The rules of all pipelines that make versions of this model. */
export function watchRules(catalog: Catalog, model: string): PipelineRules[] {
  return catalog.names().flatMap((name) => {
    const definition = catalog.get(name);
    if (describeDefinition(definition).model !== model) return [];
    const { retrain, alert } = definition;
    return [
      {
        pipeline: name,
        ...(retrain && { whenDrift: { window: retrain.window } }),
        ...(alert && {
          metric: {
            metric: alert.metric,
            wrong: alert.rule === 'when-below' ? ('below' as const) : ('above' as const),
            threshold: alert.threshold,
            minLabels: alert.minLabels,
            over: alert.over,
            retrain: alert.retrain,
          },
        }),
      },
    ];
  });
}
