/** A difference from `mlflow server` that is meant. */
export interface Known {
  /** `area: title` of the case; a RegExp for several. */
  case: string | RegExp;
  /** The path of the field in what the case shows. */
  path: string | RegExp;
  /** Why Arboleda does otherwise, for its users. */
  reason: string;
}

/**
 * All documented differences. Each must still be one whenever its cases run: a row that no longer matches fails the lane, so that
 * the table says neither too little nor too much.
 */
export const KNOWN: readonly Known[] = [
  {
    case: /./,
    path: /\.(error_class|sqlstate)$/,
    reason:
      "Errors have MLflow's two documented fields; those that 3.17 began to add beside them repeat the code.",
  },
];

/** The row that documents a difference. */
export const knownFor = (name: string, path: string): Known | undefined =>
  KNOWN.find((row) => matches(row.case, name) && matches(row.path, path));

export const matches = (pattern: string | RegExp, text: string): boolean =>
  typeof pattern === 'string' ? pattern === text : pattern.test(text);
