/** The answer to one row. */
export interface RowAnswer {
  prediction: string | number;
  probabilities?: Record<string, number>;
}

/** How a prediction comes about: `base` and the contributions sum to `output`, in the unit of `space`. */
export interface Explanation {
  output: number | Record<string, number>;
  base: number | Record<string, number>;
  contributions: Record<string, number> | Record<string, Record<string, number>>;
  /** What the numbers are: `value`, `probability`, `log-odds` or `score`. */
  space: string;
}

/** The API's answer to a request of predictions. */
export interface Answer {
  model: string;
  version: string;
  requestId: string;
  predictions: RowAnswer[];
  warnings: { row: number; field: string; code: string; message: string }[];
  explanations?: Explanation[];
  /** Why it has no explanations, though they were asked for. */
  unexplained?: string;
}

export interface Contribution {
  feature: string;
  /** In the unit of the output; above 0 it drives the output up. */
  value: number;
}

/** The explanation of one output, as it is drawn. */
export interface Explained {
  /** The class that is explained; undefined for a regression. */
  label: string | undefined;
  base: number;
  output: number;
  space: string;
  top: Contribution[];
  /** The sum of those that are not among the top, and how many they are. */
  rest: { count: number; value: number };
}

/** The contributions of the greatest weight to the class that was predicted, or to the number. */
export function explained(
  { explanations, predictions }: Answer,
  most = 8,
  chosen = String(predictions[0]?.prediction),
): Explained | undefined {
  const explanation = explanations?.[0];
  if (explanation === undefined) return undefined;
  const { contributions, base, output } = explanation;
  const label =
    typeof output === 'number' ? undefined : Object.hasOwn(output, chosen) ? chosen : Object.keys(output)[0];
  const own = (label === undefined ? contributions : contributions[label]) as
    | Record<string, number>
    | undefined;
  const of = (value: number | Record<string, number>) =>
    typeof value === 'number' ? value : ((label === undefined ? undefined : value[label]) ?? Number.NaN);
  const sorted = Object.entries(own ?? {})
    .map(([feature, value]) => ({ feature, value }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const rest = sorted.slice(most);
  return {
    label,
    base: of(base),
    output: of(output),
    space: explanation.space,
    top: sorted.slice(0, most),
    rest: { count: rest.length, value: rest.reduce((sum, { value }) => sum + value, 0) },
  };
}

/** Classes, the likeliest first; equally likely ones in the model's order. */
export const likeliestFirst = ({ probabilities = {} }: RowAnswer): [string, number][] =>
  Object.entries(probabilities).sort(([, a], [, b]) => b - a);
