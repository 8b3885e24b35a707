import { type Command, Option } from 'commander';
import type { ConvertedModel, ConvertReport } from '../../local-train/import-model.ts';
import type { ApiClient } from '../client.ts';
import { contextOf } from '../context.ts';
import { nameList } from '../options.ts';
import { figure } from '../output.ts';
import { progressLine } from '../progress-line.ts';
import type { RegisteredModel } from '../register-model.ts';

const FORMATS = ['onnx', 'ml-random-forest'] as const;
type Format = (typeof FORMATS)[number];

interface ImportCommandOptions {
  out?: string;
  register?: string;
  alias?: string;
  format?: Format;
  name?: string;
  target?: string;
  features?: string[];
  classes?: string[];
  data?: string;
}

/** model export, model pull, model import: models from and to other formats, without any cloud unless `--register` says so. */
export function addExchangeCommands(program: Command): void {
  const model = program.command('model').description('models from and to other formats');

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
    .command('pull')
    .description('download a registered version into a folder that `predict --model` and `serve` take')
    .argument('<version>', 'housing, housing/2, housing@production, models:/housing/Staging')
    .requiredOption('--out <dir>', 'folder for model.arbm and version.json')
    .action(async (reference: string, { out: dir }: { out: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const { pullModel } = await import('../pull-model.ts');
      const pulled = await pullModel(await client(), reference, dir);
      const { version, file } = pulled;
      out.result(
        pulled,
        () =>
          `${version.name} version ${version.version} in ${file.file}, ${figure(file.bytes)} bytes, SHA-256 as registered`,
      );
    });

  model
    .command('import')
    .description(
      'make a model folder, or a version in the stack, from ONNX trees or the JSON of ml-random-forest',
    )
    .argument('<file>', 'what scikit-learn, LightGBM or XGBoost were converted to, or JSON.stringify(forest)')
    .option('--out <dir>', 'folder for model.arbm and metrics.json')
    .option('--register <model>', 'upload it to the stack and register it as the next version of this model')
    .option(
      '--alias <name>',
      'move this alias to the version, with --register: `production` serves it at once',
    )
    .addOption(new Option('--format <format>', 'by the ending of the file where not given').choices(FORMATS))
    .option('--target <name>', 'the column that is predicted, where the file does not say')
    .option('--features <names>', 'the columns in the order of training, separated by commas', nameList)
    .option(
      '--classes <names>',
      'names for the classes in the order of the file, separated by commas',
      nameList,
    )
    .option('--data <file>', 'CSV of rows like those of training: better explanations')
    .option('--name <name>', 'name in the model file; with --register it is the name there')
    .action(async (file: string, options: ImportCommandOptions, command: Command) => {
      const { out: dir, register, alias, ...more } = options;
      if (dir === undefined && register === undefined)
        command.error('error: give --out DIR, --register MODEL, or both');
      if (alias !== undefined && register === undefined)
        command.error('error: --alias needs --register MODEL');
      if (register !== undefined && more.name !== undefined && more.name !== register)
        command.error('error: with --register the name in the file is that of the model: leave --name out');
      const { out, client } = contextOf(command);
      // A stack that is not there is told before a large file is read.
      const api = register === undefined ? undefined : await client();
      const { convertModel, writeFolder } = await import('../../local-train/import-model.ts');
      const made = await convertModel({
        file,
        ...more,
        ...(register === undefined ? {} : { name: register }),
      });
      const { report } = made;
      for (const note of report.notes) out.note(note);
      const folder = dir === undefined ? undefined : await writeFolder(made, dir);
      const registered = api && (await registerWithProgress(api, made, { name: register!, alias }));
      out.result({ ...(folder ?? report), ...(registered === undefined ? {} : { registered }) }, () =>
        importText(report, dir, registered),
      );
    });
}

/** Registers with a line of progress on a terminal. */
async function registerWithProgress(
  api: ApiClient,
  made: ConvertedModel,
  options: { name: string; alias: string | undefined },
): Promise<RegisteredModel> {
  const { registerModel } = await import('../register-model.ts');
  const line = progressLine(process.stderr);
  try {
    return await registerModel(api, made, {
      ...options,
      onProgress: (share) => line.show(`uploading ${figure(made.body.length)} bytes`, share),
    });
  } finally {
    line.clear();
  }
}

function importText(
  { task, classes, trees, target, features, modelSha256 }: ConvertReport,
  dir: string | undefined,
  registered: RegisteredModel | undefined,
): string {
  const what = task === 'regression' ? 'a regression' : `${classes.length} classes`;
  const where = dir === undefined ? '' : `: ${dir}/model.arbm (SHA-256 ${modelSha256})`;
  const lines = [`${trees} trees for ${target}, ${what} from ${features.length} features${where}`];
  if (registered !== undefined) {
    const { model, version, runId, created, alias, curl } = registered;
    const known = created ? 'registered' : 'was registered before from the same file';
    lines.push(`${model} version ${version} ${known}, run ${runId}`);
    lines.push(
      alias === undefined
        ? `serve it: npx arboleda promote ${model} ${version}`
        : `${alias} is version ${version}`,
    );
    lines.push(curl);
  }
  return lines.join('\n');
}
