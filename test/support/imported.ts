import { fileURLToPath } from 'node:url';
import {
  type ConvertedModel,
  type ConvertOptions,
  convertModel,
} from '../../bin/local-train/import-model.ts';
import type { Prediction } from '../../lib/serving/index.ts';
import { largestDifference, readCase } from '../unit/learn/exchange/support/cases.ts';

/** Path of a model that scikit-learn, LightGBM or XGBoost trained, as a converter wrote it. */
export const onnxFile = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/learn/exchange/${name}.onnx`, import.meta.url));

/** A fixture as `model import` converts it. */
export const converted = (
  name: string,
  more: Partial<ConvertOptions> & { name: string },
): Promise<ConvertedModel> => convertModel({ file: onnxFile(name), target: 'y', ...more });

/** The rows of a fixture as a request has them: null is missing. */
export const requestRows = (name: string, features: readonly string[]): Record<string, number | null>[] =>
  readCase(name).rows.map((row) =>
    Object.fromEntries(features.map((feature, f) => [feature, row[f] ?? null])),
  );

/**
 * How far answers are from what onnxruntime answered by the file itself: of numbers relative to the larger of 1 and the
 * number, of probabilities as they are; infinite where a class is another one.
 */
export function farFromFile(name: string, answers: readonly Prediction[]): number {
  const { predictions, labels, probabilities } = readCase(name);
  if (predictions !== undefined) {
    return largestDifference(
      answers.map(({ prediction }) => Number(prediction)),
      predictions,
    );
  }
  const sameClass = answers.every(({ prediction }, i) => String(prediction) === String(labels![i]));
  if (!sameClass) return Number.POSITIVE_INFINITY;
  return largestDifference(
    // In the order of the file's classes, which is that of the model's for these fixtures.
    answers.flatMap(({ probabilities }) => Object.values(probabilities!)),
    probabilities!.flat(),
  );
}
