import { LeakageError } from '../errors.ts';
import { shuffled } from '../random.ts';
import { takeRows } from '../rows.ts';
import { isMissing, isNumeric, requireColumn } from '../table.ts';
import type { Column, NumericColumn, Table } from '../types.ts';
import {
  classificationScore,
  type FeatureRows,
  fromCodes,
  fromNumbers,
  indicatorScore,
  regressionScore,
} from './single-feature.ts';

/**
 * From this score on a class is told "almost perfectly", and from this R2 on a number. Measured: of all features of the
 * six files in ../shared/data the best scores 0.51 (forest-cover's Soil_Type) and 0.63 (devops' concurrent_users); copies
 * of their targets with one row in two hundred changed score 0.986 and more (0.980 for an indicator of the rarest class),
 * copies of numbers 0.9998 and more; test/unit/table/guards holds this. Below the threshold lie honest strong features,
 * such as petal width in Iris (0.96). Not caught: one indicator, wrong in 0.5 % of rows, of a class rarer than that.
 */
const CLASS_THRESHOLD = 0.975;
const NUMBER_THRESHOLD = 0.99;
/** So many rows tell enough, and bound the time: drawn at random by a fixed seed from larger tables. */
const MAX_ROWS = 50_000;
const SEED = 20_260_101;
/** Only features of few values can flag one class. */
const INDICATOR_VALUES = 64;

/** A feature, or a group of 0/1 columns, that alone predicts the target. */
export interface LeakageFinding {
  columns: string[];
  /** Classification: the lower of accuracy and mean recall. Regression: R2. */
  score: number;
  reason: string;
}

interface Candidate {
  columns: string[];
  rows: FeatureRows;
}

type Score = (candidate: Candidate) => LeakageFinding | undefined;

/**
 * Fails where a feature alone predicts the target almost perfectly: the target under another name, encoded, or known only
 * afterwards. Catches renamed and re-encoded copies, one-hot or bit groups of the target, indicators of one class,
 * monotone copies of a number, and copies that are wrong in one row of two hundred.
 *
 * @param options.allow columns that may predict it
 * @throws LeakageError with `details.columns` (all names) and `details.findings` (score and reason of each)
 */
export function checkLeakage(
  table: Table,
  target: string,
  task: 'classification' | 'regression',
  options: { allow?: readonly string[] } = {},
): void {
  const findings = findLeakage(table, target, task, options);
  if (findings.length === 0) return;
  const columns = [...new Set(findings.flatMap((finding) => finding.columns))];
  const shown = findings
    .slice(0, 5)
    .map(
      (finding) =>
        `${finding.columns.map((name) => `"${name}"`).join(' + ')} ${finding.reason} (${finding.score.toFixed(4)})`,
    );
  throw new LeakageError(
    `the target "${target}" leaks into the features: ${shown.join('; ')}${findings.length > 5 ? `; and ${findings.length - 5} more` : ''}`,
    { details: { target, columns, findings } },
  );
}

/** What {@link checkLeakage} would name, best score first, without failing. */
export function findLeakage(
  table: Table,
  target: string,
  task: 'classification' | 'regression',
  options: { allow?: readonly string[]; threshold?: number } = {},
): LeakageFinding[] {
  const allowed = new Set(options.allow);
  const sample = sampled(table, target);
  if (sample.rowCount < 10) return [];
  const column = requireColumn(sample, target);
  const features = sample.columns.filter(({ name }) => name !== target && !allowed.has(name));
  const order = shuffled(sample.rowCount, SEED);
  const score = task === 'classification' ? classScorer(column, options) : numberScorer(column, options);
  const candidates = [...features.flatMap((feature) => singles(feature, order)), ...binaryGroups(features)];
  const best = new Map<string, LeakageFinding>();
  for (const candidate of candidates) {
    const finding = score(candidate);
    const key = JSON.stringify(candidate.columns);
    if (finding !== undefined && finding.score > (best.get(key)?.score ?? -1)) best.set(key, finding);
  }
  return [...best.values()].sort((a, b) => b.score - a.score);
}

/** Rows with a target, at most MAX_ROWS of them. */
function sampled(table: Table, target: string): Table {
  const column = requireColumn(table, target);
  const rows = shuffled(table.rowCount, SEED).filter((row) => !isMissing(column, row));
  return takeRows(table, rows.slice(0, MAX_ROWS).sort());
}

function classScorer(column: Column, { threshold = CLASS_THRESHOLD }: { threshold?: number }): Score {
  const { codes, labels } = classesOf(column);
  return ({ columns, rows }) => {
    const score = classificationScore(rows, codes, labels.length);
    // Of two classes an indicator of one tells both; of a feature of many values no value is an indicator.
    const few = labels.length > 2 && rows.groupCount <= INDICATOR_VALUES;
    const indicator = few ? indicatorScore(rows, codes, labels.length) : { score: 0, classIndex: -1 };
    if (Math.max(score, indicator.score) < threshold) return undefined;
    if (score >= indicator.score) return { columns, score, reason: 'alone predicts the class' };
    return {
      columns,
      score: indicator.score,
      reason: `alone flags the class "${labels[indicator.classIndex]}"`,
    };
  };
}

function classesOf(column: Column): { codes: Int32Array; labels: string[] } {
  const codeOf = new Map<number, number>();
  const raw = isNumeric(column) ? column.values : column.codes;
  const codes = Int32Array.from(raw, (value) => {
    const code = codeOf.get(value) ?? codeOf.size;
    codeOf.set(value, code);
    return code;
  });
  const label = (value: number) => (isNumeric(column) ? String(value) : (column.categories[value] as string));
  return { codes, labels: Array.from(codeOf.keys(), label) };
}

function numberScorer(column: Column, { threshold = NUMBER_THRESHOLD }: { threshold?: number }): Score {
  const values = isNumeric(column) ? column.values : Float64Array.from(column.codes);
  return ({ columns, rows }) => {
    const score = regressionScore(rows, values);
    return score >= threshold ? { columns, score, reason: 'alone predicts the value' } : undefined;
  };
}

/** A feature as it is; strings that all write numbers (`$215,000`) as numbers too. */
function singles(column: Column, order: Int32Array): Candidate[] {
  const columns = [column.name];
  if (isNumeric(column)) return [{ columns, rows: fromNumbers(column.values, order) }];
  const asCodes = { columns, rows: fromCodes(column.codes, column.categories.length) };
  const numbers = column.categories.map((category) => numberIn(category));
  if (numbers.length < 3 || numbers.some(Number.isNaN)) return [asCodes];
  const values = Float64Array.from(column.codes, (code) =>
    code === -1 ? Number.NaN : (numbers[code] as number),
  );
  return [asCodes, { columns, rows: fromNumbers(values, order) }];
}

function numberIn(text: string): number {
  const plain = text.replace(/[\s,$€£%_]/g, '');
  return plain === '' ? Number.NaN : Number(plain);
}

/** 0/1 columns that share the first part of their names (`grade=A`, `grade_B`, `bit0`), taken together as one value. */
function binaryGroups(features: readonly Column[]): Candidate[] {
  const byPrefix = new Map<string, NumericColumn[]>();
  for (const column of features) {
    const prefix = prefixOf(column.name);
    if (prefix === '' || !isNumeric(column) || !column.values.every((value) => value === 0 || value === 1))
      continue;
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), column]);
  }
  return [...byPrefix.values()].filter((columns) => columns.length > 1).map(jointly);
}

function prefixOf(name: string): string {
  const equals = name.indexOf('=');
  if (equals > 0) return name.slice(0, equals);
  const digits = name.replace(/\d+$/, '');
  if (digits !== name) return digits.replace(/[_.\-: ]+$/, '');
  return /^(.+)[_.\-: ]/.exec(name)?.[1] ?? '';
}

function jointly(columns: NumericColumn[]): Candidate {
  const rowCount = columns[0]?.values.length ?? 0;
  let codes = new Int32Array(rowCount);
  let count = 1;
  for (const { values } of columns) {
    const seen = new Map<number, number>();
    const refined = new Int32Array(rowCount);
    for (let i = 0; i < rowCount; i++) {
      const pair = (codes[i] as number) * 2 + (values[i] as number);
      const code = seen.get(pair) ?? seen.size;
      seen.set(pair, code);
      refined[i] = code;
    }
    codes = refined;
    count = seen.size;
  }
  return { columns: columns.map(({ name }) => name), rows: fromCodes(codes, count) };
}
