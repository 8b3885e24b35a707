/** One place in which two values differ: `by name.tags.k`, or `` for the whole. */
export interface Difference {
  path: string;
  /** Undefined where it is not there. */
  mlflow: unknown;
  arboleda: unknown;
}

/** Every leaf in which two JSON values differ, in the order of their keys; lists of different lengths differ as a whole. */
export function differences(mlflow: unknown, arboleda: unknown, path = ''): Difference[] {
  if (Object.is(mlflow, arboleda)) return [];
  if (Array.isArray(mlflow) && Array.isArray(arboleda) && mlflow.length === arboleda.length)
    return mlflow.flatMap((entry, at) => differences(entry, arboleda[at], join(path, String(at))));
  if (isObject(mlflow) && isObject(arboleda)) {
    const keys = [...new Set([...Object.keys(mlflow), ...Object.keys(arboleda)])].sort();
    return keys.flatMap((key) => differences(mlflow[key], arboleda[key], join(path, key)));
  }
  return [{ path, mlflow, arboleda }];
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
