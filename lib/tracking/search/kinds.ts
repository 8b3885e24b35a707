import type { Node } from './comparisons.ts';
import { refuse } from './errors.ts';
import { listText, setText, tupleText } from './python-text.ts';
import type { FieldType } from './types.ts';
import { isNumber, isText, listOf, quotedText, stripQuotes, trimBackticks } from './values.ts';

export const NUMERIC = ['>', '>=', '!=', '=', '<', '<='];
const LIKES = ['!=', '=', 'LIKE', 'ILIKE'];
const NULLS = ['IS NULL', 'IS NOT NULL'];
const LISTS = ['IN', 'NOT IN'];

/** What MLflow lets one search for of one kind of thing, and how it says no. */
export interface Kind {
  /** Attributes a filter may name, and those an order may. */
  attributes: readonly string[];
  orderable: readonly string[];
  numeric: readonly string[];
  /** Attributes that IN and NOT IN may be asked of. */
  listed: readonly string[];
  /** Words before the dot, and what they mean; undefined: those of runs. */
  entities?: Readonly<Record<string, FieldType>>;
  comparators: Readonly<Record<FieldType | 'number', readonly string[]>>;
  /** What IS NULL may be asked of. */
  nullable: readonly FieldType[];
  /** Whether `like`, `in` and so on may be in lower case. */
  anyCase: boolean;
  /** Whether an attribute's name in backticks or quotes is still that attribute. */
  quotedAttributes: boolean;
}

const RUN_ENTITIES: Record<string, FieldType> = {
  metric: 'metric',
  metrics: 'metric',
  parameter: 'parameter',
  parameters: 'parameter',
  param: 'parameter',
  params: 'parameter',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attr: 'attribute',
  attributes: 'attribute',
  run: 'attribute',
  dataset: 'dataset',
  datasets: 'dataset',
};
const OTHER_ENTITIES: Record<string, FieldType> = { attribute: 'attribute', tag: 'tag', tags: 'tag' };

const RUN_ATTRIBUTES = ['artifact_uri', 'end_time', 'run_id', 'run_name', 'start_time', 'status', 'user_id'];
const EXPERIMENT_ATTRIBUTES = ['name', 'experiment_id', 'creation_time', 'last_update_time'];
const none: readonly string[] = [];
/** Comparators of what has neither metrics nor params nor datasets: experiments and the registry. */
const NAMED: Kind['comparators'] = {
  attribute: [...LIKES, ...LISTS],
  number: NUMERIC,
  tag: LIKES,
  metric: none,
  parameter: none,
  dataset: none,
};

export const KINDS: Readonly<Record<'run' | 'experiment' | 'registered_model' | 'model_version', Kind>> = {
  run: {
    attributes: [...RUN_ATTRIBUTES, 'created', 'Created', 'run name', 'Run name', 'Run Name'],
    orderable: [...RUN_ATTRIBUTES, 'created', 'Created'],
    numeric: ['start_time', 'end_time', 'created', 'Created'],
    listed: ['run_id'],
    comparators: {
      metric: NUMERIC,
      number: NUMERIC,
      parameter: [...LIKES, ...NULLS],
      tag: [...LIKES, ...NULLS],
      attribute: [...LIKES, ...LISTS],
      dataset: [...LIKES, ...LISTS],
    },
    nullable: ['parameter', 'tag'],
    anyCase: true,
    quotedAttributes: true,
  },
  experiment: {
    attributes: EXPERIMENT_ATTRIBUTES,
    orderable: EXPERIMENT_ATTRIBUTES,
    numeric: ['creation_time', 'last_update_time'],
    listed: ['experiment_id'],
    entities: OTHER_ENTITIES,
    comparators: NAMED,
    nullable: ['tag'],
    anyCase: false,
    quotedAttributes: true,
  },
  registered_model: {
    attributes: ['name'],
    orderable: ['name', 'timestamp', 'last_updated_timestamp'],
    numeric: none,
    listed: ['name'],
    entities: OTHER_ENTITIES,
    comparators: { ...NAMED, number: none },
    nullable: [],
    anyCase: true,
    quotedAttributes: false,
  },
  model_version: {
    attributes: ['name', 'version_number', 'run_id', 'source_path'],
    orderable: ['name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'],
    numeric: ['version_number', 'creation_timestamp', 'last_updated_timestamp'],
    listed: ['name', 'run_id'],
    entities: OTHER_ENTITIES,
    comparators: NAMED,
    nullable: [],
    anyCase: true,
    quotedAttributes: false,
  },
};

const DATASET_KEYS = ['name', 'digest', 'context'];

/** `metrics.acc` as its type and key. @throws InvalidSearchError */
export function identify(
  kind: Kind,
  identifier: string,
  valid: readonly string[],
  field: 'filter' | 'order_by' = 'filter',
): { type: FieldType; key: string } {
  const dot = identifier.indexOf('.');
  const entity = dot < 0 ? 'attribute' : identifier.slice(0, dot);
  const raw = dot < 0 ? identifier : identifier.slice(dot + 1);
  const type = entityType(kind, entity, field);
  const key = trimBackticks(stripQuotes(raw));
  const name = kind.quotedAttributes || field === 'order_by' ? key : raw;
  if (type === 'attribute' && !valid.includes(name)) {
    refuse(`Invalid attribute key '${name}' specified. Valid keys are '${setText(valid)}'`, field);
  }
  if (type === 'dataset' && !DATASET_KEYS.includes(key)) {
    refuse(`Invalid dataset key '${key}' specified. Valid keys are '${setText(DATASET_KEYS)}'`, field);
  }
  return { type, key };
}

function entityType(kind: Kind, entity: string, field: 'filter' | 'order_by'): FieldType {
  if (kind.entities) {
    if (Object.hasOwn(kind.entities, entity)) return kind.entities[entity]!;
    refuse(
      `Invalid entity type '${entity}'. Valid entity types are ${tupleText(Object.keys(kind.entities))}`,
      field,
    );
  }
  const name = trimBackticks(entity);
  if (Object.hasOwn(RUN_ENTITIES, name)) return RUN_ENTITIES[name]!;
  refuse(
    `Invalid entity type '${name}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`,
    field,
  );
}

/** The right side of a comparison with that field. @throws InvalidSearchError */
export function fieldValue(
  kind: Kind,
  { type, key }: { type: FieldType; key: string },
  node: Node,
): string | number | string[] {
  if (type === 'metric') {
    if (!isNumber(node)) refuse(`Expected numeric value type for metric. Found ${node.text}`);
    return Number(node.text);
  }
  if (type === 'parameter' || type === 'tag') {
    if (isText(node)) return quotedText(node.text);
    refuse(`Expected a quoted string value for ${type} (e.g. 'my-value'). Got value ${node.text}`);
  }
  if (type === 'dataset') {
    if (isText(node)) return quotedText(node.text);
    if (node.kind === 'list') return listOf(node);
    refuse(`Expected a quoted string value for dataset attributes. Got value ${node.text}`);
  }
  return attributeValue(kind, key, node);
}

function attributeValue(kind: Kind, key: string, node: Node): string | number | string[] {
  const isVersion = kind === KINDS.model_version;
  if (kind.numeric.includes(key) && !isVersion) {
    if (!isNumber(node)) {
      refuse(`Expected numeric value type for numeric attribute: ${key}. Found ${node.text}`);
    }
    return Number(node.text);
  }
  if (isText(node)) return quotedText(node.text);
  if (node.kind === 'list') {
    if (!kind.listed.includes(key)) {
      const names = listText([...kind.listed].sort());
      refuse(`Only ${names} attributes support comparison with a list of quoted string values.`);
    }
    return listOf(node);
  }
  if (isVersion && isNumber(node)) {
    if (kind.numeric.includes(key)) return Number(node.text);
    refuse(`Only the '${setText(kind.numeric)}' attributes support comparison with numeric values.`);
  }
  const list = kind.quotedAttributes ? '' : ' or a list of quoted string values';
  refuse(`Expected a quoted string value${list} for attributes. Got value ${node.text}`);
}
