import { isSeveral, type Node } from './comparisons.ts';
import { refuse } from './errors.ts';
import { pythonText, tupleText } from './python-text.ts';
import type { Clause, Comparator, FieldType } from './types.ts';
import { comparisonsOf, listOf } from './values.ts';

const ENTITIES: Readonly<Record<string, FieldType>> = {
  attributes: 'attribute',
  metrics: 'metric',
  params: 'parameter',
  tags: 'tag',
};
const ALIASES: Readonly<Record<string, string>> = {
  creation_time: 'creation_timestamp',
  creation_timestamp_ms: 'creation_timestamp',
  last_updated_timestamp_ms: 'last_updated_timestamp',
};
const NUMERIC = ['<', '<=', '>', '>=', '=', '!='];
const TEXTUAL = ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'];
/** What a filter and an order of logged models may name: the columns of MLflow's table. */
export const LOGGED_MODEL_ATTRIBUTES = [
  'model_id',
  'experiment_id',
  'name',
  'artifact_location',
  'creation_timestamp',
  'last_updated_timestamp',
  'status',
  'lifecycle_stage',
  'model_type',
  'source_run_id',
  'status_message',
] as const;

/** The attribute that MLflow means by that name. */
export const loggedModelAttribute = (key: string): string =>
  Object.hasOwn(ALIASES, key) ? ALIASES[key]! : key;

const isNumericField = (type: FieldType, key: string): boolean =>
  type === 'metric' ||
  (type === 'attribute' && ['creation_timestamp', 'last_updated_timestamp'].includes(key));

/**
 * A filter of logged models: MLflow reads it by rules of its own, with `attributes.`, `metrics.`, `params.` and `tags.` alone.
 *
 * @throws InvalidSearchError in MLflow's words.
 */
export function parseLoggedModelFilter(text: string): Clause[] {
  const given = `Invalid filter string: ${pythonText(text)}.`;
  if (text.trim() === '' || isSeveral(text)) refuse(`${given} Expected a single SQL expression.`);
  const nodes = comparisonsOf(text, () =>
    refuse(
      `${given} Expected a list of comparisons separated by 'AND' (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').`,
    ),
  );
  return nodes.map(parseOne);
}

function parseOne(node: Node): Clause {
  const { left, right, text } = node;
  if (!left || !right) refuse(`Invalid comparison: ${text}. Expected a comparison with 3 tokens.`);
  const { type, key, shown } = entityOf(left.text);
  const comparator = node.comparator!.toUpperCase().replace(/\s+/g, ' ');
  const numeric = isNumericField(type, key);
  const allowed = numeric ? NUMERIC : TEXTUAL;
  if (!allowed.includes(comparator)) {
    refuse(
      `Invalid comparison operator for ${shown}: ${pythonText(comparator)}. Expected one of ${tupleText(allowed)}.`,
    );
  }
  const list = /IN$/.test(comparator);
  if (!numeric && list !== (right.kind === 'list')) {
    refuse(`Invalid comparison: ${text}. Expected ${list ? 'a list of quoted string values' : 'one value'}.`);
  }
  const value = numeric ? numberOf(right, shown) : list ? listOf(right) : right.text.replace(/^'+|'+$/g, '');
  return { type, key, comparator: comparator as Comparator, value };
}

function entityOf(text: string): { type: FieldType; key: string; shown: string } {
  const [, entity, rest] = /^([a-z]+)\.(.+)$/s.exec(text) ?? [];
  const name = (rest ?? text).replace(/^`+|`+$/g, '');
  if (entity !== undefined && !Object.hasOwn(ENTITIES, entity)) {
    refuse(`Invalid entity type: '${entity}'. Expected one of ['attributes', 'metrics', 'params', 'tags'].`);
  }
  const type = entity === undefined ? 'attribute' : ENTITIES[entity]!;
  if (type !== 'attribute') return { type, key: name, shown: `${entity}.${name}` };
  const key = loggedModelAttribute(name);
  if (!LOGGED_MODEL_ATTRIBUTES.some((known) => known === key)) {
    // MLflow's server breaks off here with a 500: there is no such column.
    refuse(`Invalid attribute key '${key}' specified. Valid keys are ${tupleText(LOGGED_MODEL_ATTRIBUTES)}`);
  }
  return { type, key, shown: `attributes.${key}` };
}

function numberOf(node: Node, shown: string): number {
  const value = Number(node.text);
  if (node.text.trim() === '' || Number.isNaN(value)) {
    refuse(`Expected numeric value type for ${shown}. Found ${node.text}`);
  }
  return value;
}
