/** One place where two JSON values differ; undefined where that side has nothing there. */
export interface JsonDifference {
  /** `candidates[0].params.trees`; empty for the whole. */
  path: string;
  recorded: unknown;
  again: unknown;
}

/**
 * Where two JSON values differ, deepest places first found, in the order of the keys.
 *
 * @param most so many are told; the rest is only counted by the caller's own comparison of the whole
 */
export function jsonDifferences(recorded: unknown, again: unknown, most = 20): JsonDifference[] {
  const found: JsonDifference[] = [];
  const walk = (a: unknown, b: unknown, path: string): void => {
    if (found.length >= most || Object.is(a, b)) return;
    if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) {
      found.push({ path, recorded: a, again: b });
      return;
    }
    const inArray = Array.isArray(a);
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const next = inArray ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      walk(valueAt(a, key), valueAt(b, key), next);
    }
  };
  walk(recorded, again, '');
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const valueAt = (value: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined;
