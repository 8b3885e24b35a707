/** What is searched. */
export type SearchKind = 'run' | 'experiment' | 'registered_model' | 'model_version' | 'logged_model';

export type FieldType = 'attribute' | 'metric' | 'parameter' | 'tag' | 'dataset';

export type Comparator =
  | '='
  | '!='
  | '>'
  | '>='
  | '<'
  | '<='
  | 'LIKE'
  | 'ILIKE'
  | 'IN'
  | 'NOT IN'
  | 'IS NULL'
  | 'IS NOT NULL';

/** One condition of a filter; all of a filter's conditions hold of what it finds. */
export interface Clause {
  type: FieldType;
  key: string;
  comparator: Comparator;
  /** Texts of IN and NOT IN; undefined of IS NULL and IS NOT NULL. */
  value?: string | number | readonly string[];
}

/** One key of an order. What has no value comes last, either way; before it what is NaN. */
export interface OrderKey {
  type: Exclude<FieldType, 'dataset'>;
  key: string;
  ascending: boolean;
}

/**
 * What a filter and an order look at. Attributes that are numbers (times in epoch milliseconds, `experiment_id`,
 * `version_number`) are given as numbers, those that are absent as undefined.
 */
export interface Subject {
  attributes: Readonly<Record<string, string | number | undefined>>;
  params?: Readonly<Record<string, string>>;
  tags?: Readonly<Record<string, string>>;
  /** Several values where a thing has a metric more than once (a logged model): one that fits is enough for a filter. */
  metrics?: Readonly<Record<string, number | readonly number[]>>;
  datasets?: readonly { name: string; digest: string; context?: string | undefined }[];
}
