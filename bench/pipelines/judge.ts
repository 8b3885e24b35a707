import { evaluate, readModelFile, toMatrix, toTarget } from '../../lib/learn/index.ts';
import type { TrainOutputs } from '../../lib/pipeline/stages/types.ts';
import { partText } from '../../lib/pipeline/training/jobs.ts';
import { readParquet } from '../../lib/table/index.ts';
import { outputsOf, type Ran } from './open.ts';
import type { Figures } from './report.ts';

const SHOWN = ['r2', 'rmse', 'mae', 'accuracy', 'f1_weighted', 'f1_macro', 'roc_auc'];

/**
 * The figures on the test rows of the selected model (`selected`) and of every model that the run trained, by what it is:
 * `random-forest`, `random-forest, batch 3`.
 */
export async function judgeAll(ran: Ran): Promise<{ label: string; metrics: Figures }[]> {
  const { world, run, dataset } = ran;
  const test = await readParquet(await world.objects.get(dataset.splits.test.key));
  const y = toTarget(test, dataset.target, dataset.task, dataset.classes);
  const judged = async (label: string, modelKey: string) => {
    const { model } = readModelFile(await world.objects.get(modelKey));
    const { features, categories } = model;
    const { metrics } = evaluate(model, toMatrix(test, { target: dataset.target, features, categories }), y);
    const shown = SHOWN.filter((name) => name in metrics).map((name) => [name, metrics[name]!]);
    return { label, metrics: Object.fromEntries(shown) as Figures };
  };
  const { modelKey } = (await outputsOf(world, run, 'evaluate')) as { modelKey: string };
  const { resultsKey } = (await outputsOf(world, run, 'train')) as { resultsKey: string };
  const text = new TextDecoder().decode(await world.objects.get(resultsKey));
  // The model of the row split has seen most of these test rows: its figures are on its own, in the run's report.
  const items = (JSON.parse(text) as TrainOutputs[]).filter(({ part }) => part !== 'row-split');
  const labels = labelsOf(items);
  const found = [await judged('selected', modelKey)];
  for (const [i, item] of items.entries()) found.push(await judged(labels[i]!, item.modelKey));
  return found;
}

/** Told apart by the number of the candidate where several are of one algorithm. */
function labelsOf(items: readonly TrainOutputs[]): string[] {
  const parts = new Set(items.map(({ part }) => part));
  return items.map(({ algorithm, candidate, batch, part }) => {
    const others = items.some((item) => item.algorithm === algorithm && item.candidate !== candidate);
    const share = parts.size > 1 ? `, ${partText({ part, batch })}` : '';
    return `${algorithm}${others ? ` [${candidate}]` : ''}${share}`;
  });
}
