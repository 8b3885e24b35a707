import type { Difference, RunDiff } from '../../lib/http/types.ts';
import type { DatasetDiff, VersionDiff } from '../../lib/pipeline/datasets/index.ts';
import type { ColumnShift, Pair } from '../../lib/table/index.ts';
import { figure, table } from './output.ts';

type Side = [a: string, b: string];

/** What differs between two runs, as a person reads it. */
export const runDiffText = (diff: RunDiff): string =>
  (['params', 'metrics', 'data', 'code'] as const)
    .map((name) => section(name, [diff.a.slice(0, 8), diff.b.slice(0, 8)], diff[name]))
    .join('');

/** What differs between two datasets: counts, columns, and how far each column moved. */
export function datasetDiffText(diff: DatasetDiff): string {
  const sides: Side = [diff.a.sha256.slice(0, 8), diff.b.sha256.slice(0, 8)];
  if (diff.same) return `the same dataset, ${diff.a.sha256}\n`;
  const { added, removed, changed } = diff.schema;
  const schema = [
    ...added.map(({ name, kind }) => `  + ${name} (${kind})`),
    ...removed.map(({ name, kind }) => `  - ${name} (${kind})`),
    ...changed.map(({ name, a, b }) => `  ~ ${name}: ${a} is ${b} now`),
  ];
  return [
    section('facts', sides, diff.facts),
    `rows\n${table(
      ['', ...sides],
      diff.rows.map(({ part, a, b }) => [part, figure(a), figure(b)]),
    )}`,
    schema.length === 0 ? 'schema: the same\n' : `schema\n${schema.join('\n')}\n`,
    columnsText(diff.columns, sides),
  ].join('');
}

/** What differs between two model versions: figures first, then what made them. */
export function versionDiffText(diff: VersionDiff): string {
  const sides: Side = [`${diff.a.model}/${diff.a.version}`, `${diff.b.model}/${diff.b.version}`];
  const metrics = table(
    ['', ...sides, 'change'],
    diff.metrics.map(({ key, a, b, change }) => [
      key,
      cell(a),
      cell(b),
      change === null ? '' : signed(change),
    ]),
  );
  return [
    diff.same ? 'the same model file\n' : '',
    `metrics\n${metrics}`,
    ...(['facts', 'params', 'data', 'code'] as const).map((name) => section(name, sides, diff[name])),
    diff.dataset === null ? '' : `\ntrained on other data\n${datasetDiffText(diff.dataset)}`,
  ].join('');
}

function section(name: string, sides: Side, rows: readonly Difference[]): string {
  if (rows.length === 0) return `${name}: the same\n`;
  return `${name}\n${table(
    ['', ...sides],
    rows.map(({ key, a, b }) => [key, shown(a), shown(b)]),
  )}`;
}

/** PSI is of Siddiqi 2006: below 0.1 nothing that matters, from 0.25 a large shift. */
function columnsText(columns: readonly ColumnShift[], sides: Side): string {
  if (columns.length === 0) return '';
  const rows = columns.map((column) => [
    column.name,
    column.psi === null ? '' : column.psi.toFixed(3),
    column.shift ?? '',
    column.mean ? arrow(column.mean) : topCategories(column),
    column.std ? arrow(column.std) : '',
    column.quantiles ? arrow(column.quantiles.find(({ p }) => p === 0.5) ?? { a: null, b: null }) : '',
    arrow({ a: percent(column.missing.a), b: percent(column.missing.b) }),
  ]);
  const head = ['column', 'PSI', 'shift', 'mean or shares', 'std', 'median', 'missing %'];
  return `distribution of the training rows, ${sides[0]} -> ${sides[1]}\n${table(head, rows)}`;
}

const percent = (share: number | null): number | null => (share === null ? null : 100 * share);
const cell = (value: number | null): string => (value === null ? '' : figure(value));
const signed = (value: number): string => (value > 0 ? `+${figure(value)}` : figure(value));
const shown = (value: Difference['a']): string =>
  value === null ? '' : String(value).replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1...');
const arrow = ({ a, b }: Pair): string => (a === b ? cell(a) : `${cell(a)} -> ${cell(b)}`);

/** The three categories whose shares changed most. */
const topCategories = ({ categories = [] }: ColumnShift): string =>
  categories
    .slice(0, 3)
    .map(({ value, a, b }) => `${value} ${arrow({ a: percent(a), b: percent(b) })} %`)
    .join(', ');
