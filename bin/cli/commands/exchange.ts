import { type Command, Option } from 'commander';
import { contextOf } from '../context.ts';
import { nameList } from '../options.ts';
import { figure } from '../output.ts';

const FORMATS = ['onnx', 'ml-random-forest'] as const;
type Format = (typeof FORMATS)[number];

interface ImportCommandOptions {
  out: string;
  format?: Format;
  name?: string;
  target?: string;
  features?: string[];
  classes?: string[];
  data?: string;
}

/** model export, model import: models from and to other formats, without any cloud. */
export function addExchangeCommands(program: Command): void {
  const model = program.command('model').description('models from and to other formats, without any cloud');

  model
    .command('export')
    .description('write a trained model as ONNX, or a forest as the JSON of ml-random-forest')
    .argument('<model>', 'a folder that `arboleda train` made, or a model file')
    .addOption(new Option('--format <format>', 'what to write').choices(FORMATS).default('onnx'))
    .requiredOption('--out <file>', 'the file to write')
    .action(async (path: string, options: { format: Format; out: string }, command: Command) => {
      const { out } = contextOf(command);
      const { exportModel } = await import('../../local-train/export-model.ts');
      const done = await exportModel({ model: path, ...options });
      for (const note of done.notes) out.note(note);
      out.result(
        done,
        () => `${done.algorithm} of ${done.features} features in ${done.out}, ${figure(done.bytes)} bytes`,
      );
    });

  model
    .command('import')
    .description('make a model folder from ONNX trees, or from the JSON of ml-random-forest')
    .argument('<file>', 'what scikit-learn, LightGBM or XGBoost were converted to, or JSON.stringify(forest)')
    .requiredOption('--out <dir>', 'folder for model.arbm and metrics.json')
    .addOption(new Option('--format <format>', 'by the ending of the file where not given').choices(FORMATS))
    .option('--target <name>', 'the column that is predicted, where the file does not say')
    .option('--features <names>', 'the columns in the order of training, separated by commas', nameList)
    .option(
      '--classes <names>',
      'names for the classes in the order of the file, separated by commas',
      nameList,
    )
    .option('--data <file>', 'CSV of rows like those of training: better explanations')
    .option('--name <name>', 'name in the model file')
    .action(async (file: string, options: ImportCommandOptions, command: Command) => {
      const { out } = contextOf(command);
      const { importModel } = await import('../../local-train/import-model.ts');
      const report = await importModel({ file, ...options });
      for (const note of report.notes) out.note(note);
      const what = report.task === 'regression' ? 'a regression' : `${report.classes.length} classes`;
      out.result(
        report,
        () =>
          `${report.trees} trees for ${report.target}, ${what} from ${report.features.length} features: ${report.out}/model.arbm (SHA-256 ${report.modelSha256})`,
      );
    });
}
