import type { MetricPoint } from '../types.ts';

export { MAX_PARAM, MAX_TAG } from '../run-document.ts';

/** A text cut to so many characters, as MLflow's server does (MLFLOW_TRUNCATE_LONG_VALUES is on unless turned off). */
export function keptText(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text];
  return characters.length <= most ? text : characters.slice(0, most).join('');
}

/** A point as MLflow's SQL stores keep it: infinities are the greatest doubles, and there is one zero. */
export function keptPoint(point: MetricPoint): MetricPoint {
  const { value } = point;
  if (Number.isNaN(value)) return point;
  return { ...point, value: Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE) + 0 };
}
