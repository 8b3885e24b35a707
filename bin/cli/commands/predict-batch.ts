import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import { counted } from '../../../lib/table/counted.ts';
import { contextOf } from '../context.ts';
import { referenceQuery } from '../model-query.ts';
import { withKnownName } from '../names.ts';
import { predictBatch } from '../predict-batch.ts';

interface BatchOptions {
  out?: string;
  failures?: string;
  format?: 'csv' | 'parquet';
  alias?: string;
  version?: string;
}

/** predict-batch: a whole file by a model of the stack. */
export function addPredictBatchCommand(program: Command): void {
  program
    .command('predict-batch')
    .description(
      'predict a whole CSV or Parquet file by a model of the stack: any number of rows, 200 MB at most',
    )
    .argument(
      '<model>',
      'its name, or models:/NAME/Staging (Production, latest, ...), models:/NAME/3, NAME@ALIAS',
    )
    .argument('<file>', 'CSV with a header line, or Parquet')
    .option('--out <file>', 'where the result goes; by default beside FILE, as NAME.predictions.csv')
    .option(
      '--failures <file>',
      'where the rows that could not be predicted go; by default NAME.failures.jsonl',
    )
    .option('--format <format>', "csv or parquet, where the file's name does not tell")
    .option('--alias <name>', 'which alias predicts')
    .option('--version <version>', 'which version predicts')
    .action(async (name: string, file: string, options: BatchOptions, command: Command) => {
      const { out, client } = contextOf(command);
      if (options.format !== undefined && !['csv', 'parquet'].includes(options.format)) {
        command.error('error: --format is csv or parquet');
      }
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw new InvalidInputError(`${file} cannot be read`, {
          cause,
          remedy: 'Give the path of a CSV or Parquet file.',
        });
      });
      if (bytes.length === 0) {
        throw new InvalidInputError(`${file} is empty`, {
          remedy: 'Give a CSV with a header line and rows, or a Parquet file.',
        });
      }
      const { model, query } = referenceQuery(name, options);
      const stem = file.replace(/\.[^./\\]*$/, '');
      const ending = options.format ?? (/\.(parquet|pq)$/i.test(file) ? 'parquet' : 'csv');
      const api = await client();
      const done = await withKnownName(api, 'model', model, () =>
        predictBatch(api, {
          model,
          query,
          bytes,
          fileName: basename(file),
          format: options.format,
          out: options.out ?? `${stem}.predictions.${ending}`,
          failuresOut: options.failures ?? `${stem}.failures.jsonl`,
          note: (line) => out.note(line),
        }),
      );
      out.result(done, () =>
        [
          `${counted(done.predicted, 'row')} predicted by ${done.model} version ${done.version}, in ${done.out}`,
          ...(done.warnings > 0
            ? [`${counted(done.warnings, 'cell was', 'cells were')} missing or of an unknown category`]
            : []),
          ...(done.failed > 0
            ? [`${counted(done.failed, 'row')} could not be predicted: ${done.failures}`]
            : []),
          `run ${done.runId}`,
        ].join('\n'),
      );
    });
}
