import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import { counted } from '../../../lib/table/counted.ts';
import type { PredictionAnswer } from '../api-types.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';
import { referenceQuery } from '../model-query.ts';
import { withKnownName } from '../names.ts';
import { figure, table } from '../output.ts';

interface PredictOptions {
  row?: string;
  rows?: string;
  alias?: string;
  version?: string;
  explain?: true;
  model?: string;
  data?: string;
  out?: string;
}

/** predict: by a model of the stack, or, without any cloud, by a folder that `train` made. */
export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description(
      'predict by a model of the stack (MODEL with --row or --rows), or by a trained folder (--model DIR)',
    )
    .argument(
      '[model]',
      'a model of the stack: its name, or models:/NAME/Staging (Production, latest, ...), models:/NAME/3, NAME@ALIAS',
    )
    .option('--row <json>', 'one row')
    .option('--rows <file>', 'a JSON file: a list of rows, 1,000 at most')
    .option('--alias <name>', 'which alias serves it')
    .option('--version <version>', 'which version serves it')
    .option('--explain', 'say of each prediction what each column added to it (SHAP values)')
    .option('--model <dir>', 'a folder that `arboleda train` made')
    .option('--data <file>', 'CSV or CSV.gz to predict, with --model')
    .option('--out <file>', 'CSV to write, with --model')
    .action(async (name: string | undefined, options: PredictOptions, command: Command) => {
      const { out, client } = contextOf(command);
      if (options.model !== undefined) {
        if (name !== undefined) command.error('error: give a model of the stack or --model DIR, not both');
        if (!options.data || !options.out)
          command.error('error: --model DIR needs --data FILE and --out FILE');
        const { predictFile } = await import('../../local-train/predict.ts');
        const done = await predictFile({ model: options.model, data: options.data!, out: options.out! });
        out.result(
          done,
          () =>
            `${counted(done.rows, 'prediction')} in ${done.out}${done.warnings > 0 ? `, ${counted(done.warnings, 'warning')}` : ''}`,
        );
        return;
      }
      if (name === undefined) command.error('error: give a model of the stack, or --model DIR');
      if ((options.row === undefined) === (options.rows === undefined)) {
        command.error('error: give one of --row JSON and --rows FILE');
      }
      const body =
        options.row === undefined ? { rows: await readRows(options.rows!) } : parse(options.row, '--row');
      const { model, query: which } = referenceQuery(name!, options);
      const query = { ...which, ...(options.explain && { explain: 'true' }) };
      const api = await client();
      const answer = await withKnownName(api, 'model', model, () =>
        api.send<PredictionAnswer>('POST', path`/models/${model}/predict`, { body, query }),
      );
      out.result(answer, () => predictionText(answer));
    });
}

async function readRows(file: string): Promise<unknown[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new InvalidInputError(`${file} cannot be read`, { cause, remedy: 'Give the path of a JSON file.' });
  }
  const value = parse(text, file);
  const rows = Array.isArray(value) ? value : (value as { rows?: unknown }).rows;
  if (!Array.isArray(rows)) {
    throw new InvalidInputError(`${file} holds no list of rows`, { remedy: 'Write [{"a": 1}, {"a": 2}].' });
  }
  return rows;
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError(`${where} is not JSON: ${(cause as Error).message}`, {
      cause,
      remedy: `Write a row such as '{"rooms": 3, "area": 120}' in single quotes.`,
    });
  }
}

function predictionText(answer: PredictionAnswer): string {
  const probability = answer.predictions.some((one) => one.probabilities);
  const rows = answer.predictions.map((one) => [
    one.prediction,
    ...(probability ? [one.probabilities?.[String(one.prediction)]?.toFixed(4)] : []),
  ]);
  return `${answer.model} version ${answer.version}, request ${answer.requestId}\n${table(['prediction', ...(probability ? ['probability'] : [])], rows)}${explanationText(answer)}`;
}

/** Columns of a row that are shown: the rest is in `--json`. */
const SHOWN = 10;

/** Of each row what added most, for a class: to the predicted one. */
function explanationText({ explanations = [], predictions }: PredictionAnswer): string {
  return explanations
    .map(({ space, output, base, contributions }, i) => {
      const asked = String(predictions[i]?.prediction);
      const name = typeof output === 'number' ? undefined : asked in output ? asked : Object.keys(output)[0]!;
      const one = (value: number | Record<string, number>) =>
        typeof value === 'number' ? value : value[name!]!;
      const parts = (name === undefined ? contributions : contributions[name]) as Record<string, number>;
      const largest = Object.entries(parts).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
      const rest = largest.slice(SHOWN).reduce((sum, [, value]) => sum + value, 0);
      const rows = [
        ['(on average)', one(base)] as const,
        ...largest.slice(0, SHOWN),
        ...(largest.length > SHOWN ? [[`(${largest.length - SHOWN} more)`, rest] as const] : []),
        ['= output', one(output)] as const,
      ];
      const what = `${space}${name === undefined ? '' : ` of ${name}`}`;
      return `\n\nrow ${i + 1}: ${what}\n${table(
        ['column', 'adds'],
        rows.map(([column, value]) => [column, figure(value)]),
      )}`;
    })
    .join('');
}
