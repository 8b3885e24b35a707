import { InvalidInputError } from '../errors/index.ts';
import type { RequestRows } from './rows.ts';
import type { ModelEngine, Prediction, PredictionWarning, ServableModel } from './types.ts';

/** Predicts for a request's rows. A caller who sent a bare row knows no `rows[0]`: the field is named as it was sent. */
export function runRows<M extends ServableModel>(
  engine: Pick<ModelEngine<M>, 'predict'>,
  model: M,
  { rows, bare }: RequestRows,
): { predictions: Prediction[]; warnings: PredictionWarning[] } {
  try {
    const result = engine.predict(model, rows);
    if (!bare) return result;
    const warnings = result.warnings.map((warning) => ({
      ...warning,
      message: unprefixed(warning.message),
    }));
    return { ...result, warnings };
  } catch (error) {
    if (!bare || !(error instanceof InvalidInputError) || error.field === undefined) throw error;
    throw new InvalidInputError(unprefixed(error.message), {
      remedy: error.remedy,
      field: unprefixed(error.field),
      details: error.details,
      cause: error,
    });
  }
}

const unprefixed = (text: string): string => text.replaceAll(/\brows\[0\]\.?/g, '');
