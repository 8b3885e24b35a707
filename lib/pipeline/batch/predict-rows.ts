import { InvalidInputError } from '../../errors/index.ts';
import type { LoadedModel } from '../../learn/file/model-file.ts';
import { matrixOfRows, type Prediction, predictRows } from '../../learn/predict-rows.ts';

/** Why one row could not be predicted. */
export interface Refused {
  code: string;
  field?: string;
  message: string;
}

/** One row's answer, or why there is none. */
export type Outcome = { answer: Prediction } | { refused: Refused };

/** Rows that are prepared and predicted at once. */
const AT_ONCE = 1_000;

/**
 * Predicts rows of which some may be wrong: each has its own outcome, in their order, and a wrong one changes nothing of the
 * others' answers.
 */
export function predictEach(loaded: LoadedModel, rows: unknown[]): { outcomes: Outcome[]; warnings: number } {
  const outcomes: Outcome[] = [];
  let warnings = 0;
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const block = blockOf(loaded, rows.slice(at, at + AT_ONCE));
    outcomes.push(...block.outcomes);
    warnings += block.warnings;
  }
  return { outcomes, warnings };
}

function blockOf(loaded: LoadedModel, rows: unknown[]): { outcomes: Outcome[]; warnings: number } {
  try {
    const { predictions, warnings } = predictRows(loaded, rows);
    return { outcomes: predictions.map((answer) => ({ answer })), warnings: warnings.length };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
  }
  // Some row is wrong: each is asked by itself, and the right ones are predicted together.
  const refusals = rows.map((row) => refusalOf(loaded, row));
  const { predictions, warnings } = predictRows(
    loaded,
    rows.filter((_, i) => refusals[i] === undefined),
  );
  let next = 0;
  const outcomes = refusals.map((refused) =>
    refused === undefined ? { answer: predictions[next++]! } : { refused },
  );
  return { outcomes, warnings: warnings.length };
}

function refusalOf(loaded: LoadedModel, row: unknown): Refused | undefined {
  try {
    matrixOfRows(loaded, [row]);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const { code, field, message } = error.toJSON();
    return { code, ...(field && { field: unprefixed(field) }), message: unprefixed(message) };
  }
}

/** A row of a file is no `rows[0]`: its number stands beside. */
const unprefixed = (text: string): string => text.replaceAll(/\brows\[0\]\.?/g, '');
