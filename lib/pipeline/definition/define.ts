import * as z from 'zod';
import { BadDefinitionError } from '../../errors/index.ts';
import { getAlgorithm, inferTask, metricNames } from '../../learn/index.ts';
import { schemaFromZod } from '../../table/index.ts';
import { type DefinitionInput, definitionSchema, type PipelineDefinition } from './schema.ts';
import { checkAlert } from './watching.ts';

type Fail = (field: string, message: string) => never;

/**
 * The one thing a user writes: `export default definePipeline({...})` in `data/<name>/pipeline.ts`.
 * Everything is checked here, at load: a wrong definition fails synth, not a run at three in the morning.
 *
 * @throws BadDefinitionError naming the field.
 * @example
 * export default definePipeline({
 *   name: 'housing', source: file('ames.csv.gz'),
 *   row: z.object({ rooms: z.number().int(), area: z.number(), age: z.number().int(), price: z.number() }),
 *   target: 'price', clean: [standardScale('numeric')], split: { train: 0.8, validation: 0.1, test: 0.1, seed: 42 },
 *   candidates: [linearRegression()], select: { metric: 'r2' }, promote: { to: 'production', when: betterThanCurrent() },
 * });
 */
export function definePipeline(input: DefinitionInput): PipelineDefinition {
  const parsed = definitionSchema.safeParse(input);
  if (!parsed.success) {
    const name = typeof input?.name === 'string' ? input.name : '(unnamed)';
    throw new BadDefinitionError(`pipeline ${name}: ${z.prettifyError(parsed.error)}`, {
      field: parsed.error.issues[0]?.path.join('.'),
    });
  }
  const definition = parsed.data;
  const fail: Fail = (field, message) => {
    throw new BadDefinitionError(`pipeline ${definition.name}: ${message}`, { field });
  };
  const columns = schemaFromZod(definition.row).columns.map((column) => column.name);
  if (!columns.includes(definition.target)) {
    fail('target', `target "${definition.target}" is not a column of row (${columns.join(', ')})`);
  }
  if (definition.split.groupBy !== undefined && !columns.includes(definition.split.groupBy)) {
    fail('split.groupBy', `"${definition.split.groupBy}" is not a column of row`);
  }
  checkValidate(definition, columns, fail);
  checkBatches(definition, columns, fail);
  if (!(metricNames as readonly string[]).includes(definition.select.metric)) {
    fail(
      'select.metric',
      `unknown metric "${definition.select.metric}" (one of ${metricNames.join(', ')}; those of \`metrics\` are shown, not selected by)`,
    );
  }
  checkAlert(
    definition.name,
    definition.task ?? inferTask(schemaFromZod(definition.row), definition.target),
    definition.alert,
  );
  definition.candidates.forEach((candidate) => {
    getAlgorithm(candidate.algorithm).parseParams(candidate.params);
  });
  return definition;
}

/** Columns that say which rows belong together: never features. */
export const groupColumns = ({
  split,
  validate,
}: Pick<PipelineDefinition, 'split' | 'validate'>): string[] => [
  ...new Set([split.groupBy, validate?.groupBy].filter((name) => name !== undefined)),
];

/** The column that says in a stored batch which one it is. */
export const BATCH_COLUMN = 'batch_id';

function checkBatches(
  { batches, split, validate, candidates }: PipelineDefinition,
  columns: readonly string[],
  fail: Fail,
): void {
  if (batches !== undefined && columns.includes(BATCH_COLUMN)) {
    fail('row', `with batches, "${BATCH_COLUMN}" is the column that says which batch a row is in`);
  }
  if (batches?.merged) {
    const mergeable = candidates.some(({ algorithm }) => getAlgorithm(algorithm).mergeModels !== undefined);
    if (!mergeable) fail('batches.merged', 'the models of none of the candidates can be put together');
    if (validate !== undefined) {
      fail(
        'batches.merged',
        'a merged model is judged on the validation rows, and `validate` judges by folds',
      );
    }
  }
  if (split.compare === undefined) return;
  if (split.groupBy === undefined)
    fail('split.compare', 'the split is by rows already: name a column in groupBy');
  if (batches !== undefined && !batches.whole) {
    fail(
      'split.compare',
      'a model on rows parted one by one is compared with the one on all rows: set batches.whole',
    );
  }
  if (validate !== undefined)
    fail('split.compare', 'the comparison is of test rows, and `validate` judges by folds');
}

function checkValidate(definition: PipelineDefinition, columns: readonly string[], fail: Fail): void {
  const { validate, target } = definition;
  if (validate === undefined) return;
  const { groupBy, stratify } = validate;
  if (groupBy !== undefined && !columns.includes(groupBy)) {
    fail('validate.groupBy', `"${groupBy}" is not a column of row`);
  }
  if (groupBy === target) fail('validate.groupBy', `"${target}" is the target, so it cannot group the rows`);
  const task = definition.task ?? inferTask(schemaFromZod(definition.row), target);
  if (stratify && task === 'regression') {
    fail('validate.stratify', 'a regression has no classes to stratify by');
  }
}
