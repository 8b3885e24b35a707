import { learningCurve, type Model } from '../../learn/index.ts';
import type { MetricPoint } from '../../tracking/types.ts';
import type { FitInput } from './training.ts';
import type { LossCurves } from './types.ts';

/** How the loss fell on the rows that the model learned from, and on those held out; undefined for a model without trees. */
export function lossCurves(model: Model, rows: FitInput, held: FitInput | undefined): LossCurves | undefined {
  const train = model.ensemble?.aggregate === 'sum' ? curveOf(model, rows) : undefined;
  const validation = held && curveOf(model, held);
  if (train === undefined && validation === undefined) return undefined;
  return { ...(train && { train }), ...(validation && { validation }) };
}

/** Six digits: more of a loss on a sample of rows say nothing, and a stage's record has it all. */
const curveOf = (model: Model, { x, y }: FitInput) =>
  learningCurve(model, x, y)
    ?.filter(([, loss]) => Number.isFinite(loss))
    .map(([step, loss]): [number, number] => [step, Number(loss.toPrecision(6))]);

/**
 * The curves as the metrics `train_loss` and `validation_loss`, a point a step. Dated by the run's start: whoever writes them again
 * writes the same points.
 */
export const lossPoints = ({ train = [], validation = [] }: LossCurves, startTime: string): MetricPoint[] =>
  Object.entries({ train_loss: train, validation_loss: validation }).flatMap(([key, points]) =>
    points.map(([step, value]) => ({ key, value, step, timestamp: Date.parse(startTime) + step })),
  );
