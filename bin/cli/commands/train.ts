import { type Command, Option } from 'commander';
import { contextOf } from '../context.ts';
import { nameList, wholeNumber } from '../options.ts';
import { figure } from '../output.ts';

interface TrainCommandOptions {
  data: string;
  target: string;
  out: string;
  task?: 'classification' | 'regression';
  algorithm?: string;
  trees?: number;
  seed: number;
  split: string;
  drop: string[];
  missing: string[];
}

/** train: a model from one file, without any cloud. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train a model from one CSV file, without any cloud; the columns are inferred')
    .requiredOption('--data <file>', 'CSV or CSV.gz with a header line')
    .requiredOption('--target <column>', 'the column to predict')
    .requiredOption('--out <dir>', 'folder for model.arbm, metrics.json and the report')
    .addOption(
      new Option('--task <task>', 'inferred where not given').choices(['classification', 'regression']),
    )
    .option(
      '--algorithm <name>',
      'ml-random-forest, linear-regression or logistic-regression; chosen by size where not given',
    )
    .option('--trees <n>', 'trees of the forest', wholeNumber(1))
    .option('--seed <n>', 'of the split and the training', wholeNumber(0), 42)
    .option(
      '--split <share>',
      'share of rows to train on, the rest is the test; or train,validation,test',
      '0.8',
    )
    .option('--drop <columns>', 'columns to leave out, separated by commas', nameList, [])
    .option(
      '--missing <markers>',
      'further texts that mean a missing value, separated by commas',
      nameList,
      [],
    )
    .action(async (options: TrainCommandOptions, command: Command) => {
      const { out } = contextOf(command);
      // Loaded when needed: the other commands need no trainer.
      const { train } = await import('../../local-train/train.ts');
      const report = await train({ ...options, note: out.note });
      out.result(report, () => {
        const metrics = Object.entries(report.metrics).map(
          ([name, value]) => `  ${name.padEnd(20)} ${figure(Number(value))}`,
        );
        return [
          `${report.algorithm} for ${report.task} of ${report.target}: ${report.trainRows} rows to train, ${report.testRows} to test, ${report.features} features`,
          ...metrics,
          `trained in ${figure(report.trainSeconds)} s; model ${report.out}/model.arbm (SHA-256 ${report.modelSha256})`,
        ].join('\n');
      });
    });
}
