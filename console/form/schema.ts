import type { TrainingColumn } from '../../lib/http/training-columns.ts';
import type { RowSchema } from './fields.ts';

/** What a form needs to know of a version: the answer of `GET /models/{name}/schema`. */
export interface FormModel {
  model: string;
  version: string;
  target: string;
  task: 'classification' | 'regression';
  tags: Record<string, string>;
  schema: RowSchema;
  /** The median row. */
  example: Record<string, unknown>;
  /** Rows to try, one after the other. */
  samples: Record<string, unknown>[];
  training: TrainingColumn[];
}
