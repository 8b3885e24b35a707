import type { Evaluation } from '../evaluate.ts';

/**
 * The metric of permutation importance: the wanted one where the evaluation has it, else one that moves with every row.
 * Of a classification the area under the ROC curve, as the accuracy of skewed classes hardly does.
 */
export function importanceMetric({ task, metrics }: Evaluation, wanted?: string): string {
  if (wanted !== undefined && metrics[wanted] !== undefined) return wanted;
  if (task === 'regression') return metrics.r2 === undefined ? 'rmse' : 'r2';
  return metrics.roc_auc === undefined ? 'accuracy' : 'roc_auc';
}
