import { isSeveral, type Node } from './comparisons.ts';
import { refuse } from './errors.ts';
import { fieldValue, identify, KINDS, type Kind } from './kinds.ts';
import { parseLoggedModelFilter } from './logged-model-filter.ts';
import { pythonText, setText } from './python-text.ts';
import type { Clause, Comparator, FieldType, SearchKind } from './types.ts';
import { comparisonsOf } from './values.ts';

/** Other names of a run's attributes. */
const RUN_ALIASES: Readonly<Record<string, string>> = {
  created: 'start_time',
  Created: 'start_time',
  'run name': 'run_name',
  'Run name': 'run_name',
  'Run Name': 'run_name',
};

/** @returns the attribute that MLflow means by that name. */
export const runAttribute = (key: string): string =>
  Object.hasOwn(RUN_ALIASES, key) ? RUN_ALIASES[key]! : key;

/**
 * The conditions of a filter, as MLflow's server reads it for that kind of thing; none of an empty text.
 *
 * @throws InvalidSearchError in MLflow's words.
 */
export function parseFilter(text: string | undefined, kind: SearchKind): Clause[] {
  if (text === undefined || text === '') return [];
  if (kind === 'logged_model') return parseLoggedModelFilter(text);
  if (text.trim() === '') refuse(`Invalid filter '${text}'. Could not be parsed.`);
  if (isSeveral(text)) {
    refuse(
      `Search filter contained multiple expression ${pythonText(text)}. Provide AND-ed expression list.`,
    );
  }
  const quote = kind === 'run' ? "'" : '';
  const comparisons = comparisonsOf(text, (pieces) =>
    refuse(
      `Invalid clause(s) in filter string: ${pieces.map((piece) => quote + piece.text + quote).join(', ')}`,
    ),
  );
  const parsed = comparisons.map((node) => parseComparison(KINDS[kind], node));
  return parsed.map((clause) => checked(kind, clause));
}

interface Parsed {
  type: FieldType;
  key: string;
  comparator: string;
  value?: string | number | string[];
}

function parseComparison(kind: Kind, { left, comparator = '', right }: Node): Parsed {
  if (left?.kind !== 'identifier') {
    refuse(`Invalid comparison clause. Expected 'Identifier' found '${left?.text}'`);
  }
  const { type, key } = identify(kind, left.text, kind.attributes);
  if (right) {
    const value = fieldValue(kind, { type, key }, right);
    return { type, key, comparator: kind.anyCase ? upper(comparator) : comparator, value };
  }
  if (kind.nullable.includes(type)) return { type, key, comparator };
  if (kind.nullable.length > 1) {
    refuse(`IS NULL / IS NOT NULL is only supported for tags and params, not for '${type}' '${key}'`);
  }
  refuse(`IS NULL / IS NOT NULL is only supported for tags, not for attribute '${key}'`);
}

const upper = (comparator: string): string => comparator.toUpperCase().replace(/\s+/g, ' ');

/** What MLflow checks once all of the filter is read: whether the field may be compared in this way. */
function checked(kind: SearchKind, parsed: Parsed): Clause {
  const rules = KINDS[kind as keyof typeof KINDS];
  const { type, key, comparator, value } = parsed;
  const numeric = type === 'attribute' && rules.numeric.includes(key);
  if (kind === 'experiment' && type === 'attribute' && key === 'experiment_id') return experimentId(parsed);
  const allowed = rules.comparators[numeric ? 'number' : type];
  if (
    value !== undefined &&
    (!allowed.includes(comparator) || Array.isArray(value) !== /IN$/.test(comparator))
  ) {
    refuse(wrongComparator(kind, parsed, allowed));
  }
  const clause = {
    type,
    key: kind === 'run' && type === 'attribute' ? runAttribute(key) : key,
    comparator: comparator as Comparator,
  };
  if (value === undefined) return clause;
  return { ...clause, value: numeric && kind !== 'run' ? wholeNumber(kind, key, value) : value };
}

function wrongComparator(kind: SearchKind, parsed: Parsed, allowed: readonly string[]): string {
  const { type, key, comparator } = parsed;
  if (kind === 'run') {
    // Of these MLflow's message misses the closing quote; of a time it names the comparators of texts.
    const time = type === 'attribute' && KINDS.run.numeric.includes(key);
    const quote = type === 'parameter' || (type === 'attribute' && !time) ? "'" : '';
    const shown = time ? KINDS.run.comparators.attribute : allowed;
    return `Invalid comparator '${comparator}' not one of '${setText(shown)}${quote}`;
  }
  if (type === 'tag') return `Invalid comparator for tag: ${comparator}`;
  if (kind === 'experiment') {
    // Of a time, too, MLflow's message names the comparators of texts.
    return `Invalid comparator '${comparator}' not one of '${setText(KINDS.experiment.comparators.attribute)}'`;
  }
  const named = kind === 'model_version' && key === 'version_number' ? ` ${key}` : '';
  return `Invalid comparator for attribute${named}: ${comparator}`;
}

function wholeNumber(kind: SearchKind, key: string, value: string | number | string[]): number {
  const fits = typeof value === 'number' ? Number.isInteger(value) : /^\s*[-+]?\d+\s*$/.test(String(value));
  if (fits) return Number(value);
  const bare = kind === 'model_version' && typeof value === 'number';
  refuse(`Invalid value for numeric attribute '${key}': ${bare ? value : pythonText(String(value))}`);
}

/** An experiment's id is a number in MLflow's tables, and a text in its filters. */
function experimentId({ key, comparator, value }: Parsed): Clause {
  if (!['=', '!=', 'IN', 'NOT IN'].includes(comparator) || Array.isArray(value) !== /IN$/.test(comparator)) {
    refuse(`Invalid comparator for experiment_id: ${comparator}`);
  }
  const ids = (Array.isArray(value) ? value : [String(value)]).map((id) => {
    if (!/^\s*[-+]?\d+\s*$/.test(id)) {
      refuse(`Invalid experiment ID ${pythonText(id)}. Experiment ID must be a valid integer.`);
    }
    return String(BigInt(id.trim()));
  });
  const clause = { type: 'attribute' as const, key, comparator: comparator as Comparator };
  return { ...clause, value: Array.isArray(value) ? ids : ids[0]! };
}
