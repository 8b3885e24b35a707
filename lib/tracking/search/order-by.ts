import { refuse } from './errors.ts';
import { runAttribute } from './filter.ts';
import { identify, KINDS } from './kinds.ts';
import { LOGGED_MODEL_ATTRIBUTES, loggedModelAttribute } from './logged-model-filter.ts';
import { listText, setText } from './python-text.ts';
import { type Token, tokenize } from './tokens.ts';
import type { FieldType, OrderKey, SearchKind } from './types.ts';

const attribute = (key: string, ascending: boolean): OrderKey => ({ type: 'attribute', key, ascending });

/** The order where none is asked for. */
const NATURAL: Readonly<Record<SearchKind, readonly OrderKey[]>> = {
  run: [],
  experiment: [attribute('creation_time', false), attribute('experiment_id', true)],
  registered_model: [],
  model_version: [
    attribute('last_updated_timestamp', false),
    attribute('name', true),
    attribute('version_number', false),
  ],
  logged_model: [],
};

/** What decides where the keys asked for do not: the last of them never leaves a tie. */
const TIES: Readonly<Record<SearchKind, readonly OrderKey[]>> = {
  run: [attribute('start_time', false), attribute('run_id', true)],
  experiment: [attribute('experiment_id', false)],
  registered_model: [attribute('name', true)],
  model_version: [attribute('name', true), attribute('version_number', false)],
  logged_model: [attribute('creation_timestamp', false), attribute('model_id', true)],
};

/**
 * The whole order that MLflow's server gives to that kind of thing: the keys asked for, then those that decide ties.
 * For a logged model a text is a `field_name` alone; its direction is a field of its own, see `loggedModelOrder`.
 *
 * @throws InvalidSearchError in MLflow's words.
 */
export function parseOrderBy(texts: readonly string[] | undefined, kind: SearchKind): OrderKey[] {
  const asked = (texts ?? []).map((text) => parseOne(text, kind));
  return completeOrder(asked, kind, texts ?? []);
}

/** Keys as given, checked against doubles, and what decides ties. @throws InvalidSearchError */
export function completeOrder(
  asked: readonly OrderKey[],
  kind: SearchKind,
  shown: readonly string[] = [],
): OrderKey[] {
  const names = asked.map((key) => JSON.stringify([key.type, key.key]));
  if (kind !== 'experiment' && kind !== 'logged_model' && new Set(names).size < names.length) {
    refuse(`\`order_by\` contains duplicate fields: ${listText(shown)}`, 'order_by');
  }
  const keys = asked.length > 0 ? asked : NATURAL[kind];
  const has = (tie: OrderKey): boolean => keys.some((key) => key.type === tie.type && key.key === tie.key);
  return [...keys, ...TIES[kind].filter((tie) => !has(tie))];
}

/** One key of the order of logged models: an attribute, or `metrics.NAME`. @throws InvalidSearchError */
export function loggedModelOrder(fieldName: string, ascending: boolean): OrderKey {
  const dot = fieldName.indexOf('.');
  if (dot >= 0) {
    if (fieldName.slice(0, dot) === 'metrics')
      return { type: 'metric', key: fieldName.slice(dot + 1), ascending };
    refuse(`Invalid order by field name: ${fieldName}. Only metrics are supported.`, 'order_by');
  }
  const key = loggedModelAttribute(fieldName);
  if (LOGGED_MODEL_ATTRIBUTES.some((name) => name === key)) return attribute(key, ascending);
  refuse(`Invalid order by field name: ${fieldName}`, 'order_by');
}

function parseOne(text: string, kind: SearchKind): OrderKey {
  if (kind === 'logged_model') return loggedModelOrder(text, true);
  const { name, ascending } = split(text);
  if (kind === 'registered_model') {
    if (!KINDS.registered_model.orderable.includes(name)) {
      refuse(
        `Invalid order by key '${name}' specified. Valid keys are '${setText(['name', 'timestamp'])}'`,
        'order_by',
      );
    }
    // MLflow's word `timestamp` is the time of the last change.
    return attribute(name === 'name' ? 'name' : 'last_updated_timestamp', ascending);
  }
  const { type, key } = identify(KINDS[kind], name, KINDS[kind].orderable, 'order_by');
  return {
    type: orderable(type, key, kind),
    key: kind === 'run' && type === 'attribute' ? runAttribute(key) : key,
    ascending,
  };
}

function orderable(type: FieldType, key: string, kind: SearchKind): OrderKey['type'] {
  if (type === 'dataset') refuse(`Invalid identifier type 'dataset'`, 'order_by');
  if (kind === 'experiment' && type !== 'attribute') refuse(`Invalid order_by entity: ${type}`, 'order_by');
  if (kind === 'model_version' && type !== 'attribute') {
    const valid = setText(KINDS.model_version.orderable);
    refuse(`Invalid order by key '${key}' specified. Valid keys are ${valid}`, 'order_by');
  }
  return type;
}

const unparsed = (text: string): never =>
  refuse(`Invalid order_by clause '${text}'. Could not be parsed.`, 'order_by');

/** `metrics."a b" DESC` as a name and a direction. */
function split(text: string): { name: string; ascending: boolean } {
  const tokens = tokenize(text);
  let end = 0;
  for (let dotted = true; end < tokens.length && isPart(tokens[end]!, dotted, end); end += 1) {
    dotted = tokens[end]!.text === '.';
  }
  const rest = tokens.slice(end);
  if (end === 0 || tokens[end - 1]?.text === '.' || tokens.at(-1)?.kind === 'space') unparsed(text);
  const words = rest.filter((token) => token.kind !== 'space');
  const name = tokens
    .slice(0, end)
    .map((token) => token.text)
    .join('');
  if (words.length === 0) return { name, ascending: true };
  if (words.length > 1 || rest[0]?.kind !== 'space') unparsed(text);
  const [word] = words as [Token];
  if (word.kind === 'name') refuse(`Invalid ordering key in order_by clause '${text}'.`, 'order_by');
  if (word.kind !== 'order' || /\s/.test(word.text)) unparsed(text);
  return { name, ascending: word.text.toLowerCase() === 'asc' };
}

/** A name may stand first or after a dot, a quoted text or a keyword after a dot alone. */
function isPart(token: Token, dotted: boolean, place: number): boolean {
  if (!dotted) return token.text === '.';
  if (token.kind === 'name' || token.kind === 'symbol') return true;
  return place > 0 && (token.kind === 'string' || token.kind === 'keyword');
}
