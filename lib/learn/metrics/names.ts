import { BadDefinitionError } from '../../errors/index.ts';

export type Direction = 'maximize' | 'minimize';

const directions = new Map<string, Direction>([
  ['accuracy', 'maximize'],
  ['precision_macro', 'maximize'],
  ['precision_weighted', 'maximize'],
  ['recall_macro', 'maximize'],
  ['recall_weighted', 'maximize'],
  ['f1_macro', 'maximize'],
  ['f1_weighted', 'maximize'],
  ['roc_auc', 'maximize'],
  ['roc_auc_weighted', 'maximize'],
  ['log_loss', 'minimize'],
  ['r2', 'maximize'],
  ['rmse', 'minimize'],
  ['mae', 'minimize'],
]);

/** Every metric that `evaluate` may give, classification first. */
export const metricNames: readonly string[] = [...directions.keys()];

/**
 * Whether more of this metric is better.
 *
 * @throws BadDefinitionError listing the names, where there is no such metric
 */
export function metricDirection(name: string): Direction {
  const direction = directions.get(name);
  if (direction !== undefined) return direction;
  throw new BadDefinitionError(`no metric is named ${JSON.stringify(name)}`, {
    field: 'metric',
    remedy: `Choose one of: ${metricNames.join(', ')}.`,
  });
}
