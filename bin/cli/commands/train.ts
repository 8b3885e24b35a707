import { type Command, Option } from 'commander';
import { contextOf } from '../context.ts';
import { nameList, wholeNumber } from '../options.ts';
import { progressLine } from '../progress-line.ts';

interface TrainCommandOptions {
  data: string;
  target: string;
  out: string;
  task?: 'classification' | 'regression';
  algorithm?: string;
  param: string[];
  trees?: number;
  threads?: number;
  seed: number;
  split: string;
  folds?: number;
  repeats?: number;
  group?: string;
  try: string[];
  search?: 'grid' | 'random';
  candidates?: number;
  metric?: string;
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
      '--algorithm <names>',
      'random-forest, gradient-boosting, linear-regression, logistic-regression (or linear: whichever fits the task) or ml-random-forest; several separated by commas, or auto, to keep the best',
      'random-forest',
    )
    .option(
      '--param <name=value>',
      'a parameter of the algorithm, such as trees=200, maxDepth=8 or classWeight=balanced; may be repeated',
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .option(
      '--folds <n>',
      'score by cross-validation on the training rows: mean and deviation over so many folds',
      wholeNumber(2),
    )
    .option('--repeats <n>', 'draw the folds so many times', wholeNumber(1))
    .option(
      '--group <column>',
      'rows with the same value stay on one side of the split and of each fold; no feature',
    )
    .option(
      '--try <name=values>',
      'values of a parameter to search, such as maxDepth=4,8, maxLeaves=8..64 or learningRate=0.01..0.3:log; may be repeated; the best by cross-validation is trained',
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .addOption(
      new Option(
        '--search <method>',
        'every combination of what to --try, or some at random; random where there is a range',
      ).choices(['grid', 'random']),
    )
    .option('--candidates <n>', 'of a random search, for each algorithm; 20 where not given', wholeNumber(1))
    .option('--metric <name>', 'what candidates are compared by; f1_weighted or r2 where not given')
    .option('--trees <n>', 'the same as --param trees=n', wholeNumber(1))
    .option('--threads <n>', 'threads to train on at most; all cores where not given', wholeNumber(1))
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
      const [{ train }, { parseParams }, { parseSpace }, { reportText }] = await Promise.all([
        import('../../local-train/train.ts'),
        import('../../local-train/params.ts'),
        import('../../local-train/search.ts'),
        import('../../local-train/report-text.ts'),
      ]);
      const { param, try: tried, ...rest } = options;
      const line = progressLine(out.json ? undefined : process.stderr);
      const note = (text: string) => {
        line.clear();
        out.note(text);
      };
      try {
        const report = await train({
          ...rest,
          params: parseParams(param),
          space: parseSpace(tried),
          note,
          onProgress: line.show,
        });
        line.clear();
        out.result(report, () => reportText(report));
      } finally {
        line.clear();
      }
    });
}
