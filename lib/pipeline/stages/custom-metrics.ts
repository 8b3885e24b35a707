import { BadDefinitionError } from '../../errors/index.ts';
import { type FeatureMatrix, type Model, metricNames, type Target } from '../../learn/index.ts';
import { type Table, tableToRows } from '../../table/index.ts';
import type { CustomMetrics } from '../definition/index.ts';

/** The definition's own `metrics` threw, or gave what is no figure: the user's to mend, the same on every try. */
export class BadMetricError extends BadDefinitionError {
  static override readonly code: string = 'BAD_METRIC';
  static override readonly remedy: string =
    'Correct `metrics` in data/<pipeline>/pipeline.ts and deploy again: a plain object of finite numbers by name.';
}

/** What stands in a URL, a column heading and MLflow alike. */
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/;
/** Names that a run's other figures begin with. */
const RESERVED = /^(validation|candidate|cv|fold)_/;
const MOST = 100;

/** The judged model and the rows it was judged on; `raw` are the same rows before any fitted step. */
export interface JudgedRows {
  model: Model;
  x: FeatureMatrix;
  y: Target;
  raw: Table;
  /** The built-in figures. */
  metrics: Record<string, number>;
}

/**
 * The pipeline's own metrics on the test rows.
 *
 * @throws BadMetricError where the function throws, a name is taken or not allowed, or a value is no finite number
 */
export function customMetrics(compute: CustomMetrics, judged: JudgedRows): Record<string, number> {
  const given = call(compute, judged);
  if (given === null || typeof given !== 'object' || Array.isArray(given) || given instanceof Promise) {
    throw wrong(`metrics must return an object of numbers at once, not ${kindOf(given)}`);
  }
  const entries = Object.entries(given as Record<string, unknown>);
  if (entries.length > MOST) throw wrong(`metrics returned ${entries.length} figures, ${MOST} at most`);
  return Object.fromEntries(entries.map(([name, value]) => [checkedName(name), checkedValue(name, value)]));
}

function call(compute: CustomMetrics, { model, x, y, raw, metrics }: JudgedRows): unknown {
  const label = (k: number): string => model.classes[k] ?? '';
  const values = Array.from(model.predict(x));
  const classified = y.task === 'classification';
  const input = {
    task: y.task,
    actual: Array.from(y.values, (value) => (classified ? label(value) : value)),
    predicted: classified ? values.map(label) : values,
    ...(classified && { probabilities: probabilitiesOf(model, x) }),
    rows: tableToRows(raw),
    metrics: { ...metrics },
  };
  try {
    return compute(input);
  } catch (cause) {
    throw wrong(`metrics threw ${String(cause).slice(0, 300)}`, cause);
  }
}

function probabilitiesOf(model: Model, x: FeatureMatrix): Record<string, number>[] {
  const flat = model.predictProbability(x);
  const width = model.classes.length;
  return Array.from({ length: x.rowCount }, (_, i) =>
    Object.fromEntries(model.classes.map((name, k) => [name, flat[i * width + k] as number])),
  );
}

function checkedName(name: string): string {
  const shown = JSON.stringify(name.slice(0, 60));
  if (!NAME.test(name))
    throw wrong(`metrics named one ${shown}: letters, digits, _, . and -, a letter first, 100 at most`);
  if (metricNames.includes(name)) throw wrong(`metrics named one ${shown}, which is a built-in metric`);
  if (RESERVED.test(name))
    throw wrong(
      `metrics named one ${shown}: what begins with validation_, candidate_, cv_ or fold_ is taken`,
    );
  return name;
}

function checkedValue(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(`metric ${name} is ${kindOf(value)}, not a finite number`);
}

const kindOf = (value: unknown): string => {
  if (typeof value === 'number' || value === null || value === undefined) return String(value);
  if (value instanceof Promise) return 'a promise';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
};

const wrong = (message: string, cause?: unknown): BadMetricError =>
  new BadMetricError(message, { field: 'metrics', ...(cause === undefined ? {} : { cause }) });
