import { keepPreference, readPreference } from '../../lib/preferences.ts';
import { isOwnTag, type Row } from './row.ts';

/** Columns that every run has; others are named `metrics.NAME`, `params.NAME` and `tags.NAME`. */
export const FACTS = {
  run: 'Run',
  status: 'Status',
  data: 'Data',
  version: 'Version',
  tags: 'Tags',
  started: 'Started',
  took: 'Took',
} as const;
export type Fact = keyof typeof FACTS;

/** So that where classes and numbers are predicted, each run has something to show. */
const CHIEF = ['f1_weighted', 'rmse', 'r2', 'accuracy', 'roc_auc', 'mae'];
/** Metrics that stand in a table whose columns nobody chose. */
const MOST = 3;

/** What there is to choose from, by group, from the runs that were read. */
export function available(rows: readonly Row[]): Record<'metrics' | 'params' | 'tags', string[]> {
  const names = { metrics: new Set<string>(), params: new Set<string>(), tags: new Set<string>() };
  for (const row of rows) {
    for (const name in row.metrics) names.metrics.add(name);
    for (const name in row.params) names.params.add(name);
    for (const name in row.tags) names.tags.add(name);
  }
  const sorted = (set: Set<string>) => [...set].sort((a, b) => (a < b ? -1 : 1));
  return {
    // Those of the test rows before those of folds and of the validation rows.
    metrics: sorted(names.metrics).sort((a, b) => rank(a) - rank(b)),
    params: sorted(names.params),
    tags: sorted(names.tags).sort((a, b) => Number(isOwnTag(b)) - Number(isOwnTag(a))),
  };
}

const rank = (metric: string): number => (/^(validation|candidate|cv|fold)_/.test(metric) ? 1 : 0);

/** The columns of a table whose reader chose none: the facts, and the chief metrics that its runs have. */
export function usual(rows: readonly Row[]): string[] {
  const { metrics } = available(rows.slice(0, 200));
  const chief = CHIEF.filter((name) => metrics.includes(name));
  const shown = (chief.length > 0 ? chief : metrics).slice(0, MOST).map((name) => `metrics.${name}`);
  const hasTags = rows.slice(0, 200).some(({ tags }) => Object.keys(tags).some(isOwnTag));
  return ['run', 'status', ...shown, 'data', 'version', ...(hasTags ? ['tags'] : []), 'started', 'took'];
}

const isColumns = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((id) => typeof id === 'string' && (id in FACTS || /^(metrics|params|tags)\../s.test(id)));

/** The columns that the reader chose before; none: the usual ones. */
export function chosenColumns(): string[] | undefined {
  const kept = readPreference<string[]>('runs.columns', [], (value): value is string[] => isColumns(value));
  return kept.length === 0 ? undefined : kept;
}

export const keepColumns = (ids: readonly string[] | undefined): void =>
  keepPreference('runs.columns', ids ?? []);
