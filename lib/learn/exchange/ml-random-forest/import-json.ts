import { IntegrityError, InvalidInputError } from '../../../errors/index.ts';
import { buildEnsemble, type PlainTree } from '../../ensemble/build.ts';
import { ensembleModel } from '../../ensemble/model.ts';
import type { Model } from '../../types.ts';
import { coverFromRows, estimateCover, importanceFromLeaves } from '../covers.ts';
import { UnsupportedModelError } from '../errors.ts';
import { lessThan32 } from '../float32.ts';
import { IMPORTED } from '../imported-ensemble.ts';
import type { ImportOptions } from '../onnx/import.ts';
import { type CartNode, forestJsonSchema } from './json.ts';

/** Shares of classes over all nodes: 1.6 GB as they are laid out. */
const MOST_NUMBERS = 200_000_000;

/** Longer texts are refused before they are parsed. */
export const MOST_JSON_BYTES = 256 * 1024 * 1024;

/**
 * A forest that ml-random-forest 2 trained, from the JSON of its `toJSON`. As in the library, every tree has one vote
 * (the probabilities are the shares of votes), and a regression is the mean.
 *
 * Its `x < t` of doubles becomes a question of float32 values; float32.ts says for which x that may differ.
 *
 * @param text the JSON
 * @throws IntegrityError where it is not such JSON, UnsupportedModelError where it selects by the median,
 * InvalidInputError where the options do not fit
 * @example
 * importForestJson(JSON.stringify(forest), { features: ['rooms', 'area'], classes: ['cheap', 'dear'] });
 */
export function importForestJson(
  text: string,
  options: ImportOptions = {},
): { model: Model; producer: string } {
  const { name, selectionMethod = 'mean', baseModel } = parse(text);
  if (selectionMethod !== 'mean') {
    throw new UnsupportedModelError(
      `the forest answers with the ${selectionMethod} of its trees; a forest here takes the mean`,
      {
        remedy: "Train it with selectionMethod: 'mean'.",
      },
    );
  }
  const { indexes, estimators } = baseModel;
  if (estimators.length !== indexes.length) broken('it has other columns than trees');
  const classifier = name === 'RFClassifier';
  const walked = estimators.map(({ root }, t) => walk(root, indexes[t]!, t, classifier));
  const classes = classifier ? classNames(walked, options.classes) : [];
  const features = featureNames(walked, indexes, options.features);
  const outputs = Math.max(1, classes.length);
  const numbers = walked.reduce((sum, { leaf }) => sum + leaf.length, 0) * outputs;
  if (numbers > MOST_NUMBERS) {
    throw new UnsupportedModelError(
      `the forest comes to ${numbers} shares of classes; ${MOST_NUMBERS} are the most`,
      { remedy: 'Train fewer or shallower trees.' },
    );
  }
  const trees = walked.map(({ leaf, ...tree }): PlainTree => {
    const wide = outputs > 1 ? leaf.flatMap((vote) => classes.map((_, k) => (k === vote ? 1 : 0))) : leaf;
    return { ...tree, value: classifier && outputs === 1 ? leaf.map((vote) => (vote === 0 ? 1 : 0)) : wide };
  });
  const ensemble = buildEnsemble({ featureCount: features.length, outputs, aggregate: 'mean', trees });
  const covered = walked.every(({ cover }) => cover !== undefined);
  const rows = options.rows?.({ features });
  if (rows !== undefined) coverFromRows(ensemble, rows);
  else if (!covered) estimateCover(ensemble);
  const notes = ['trained elsewhere; read from the JSON of ml-random-forest'];
  if (rows === undefined && !covered) {
    notes.push(
      'the JSON holds no numbers of training rows: explanation and importance take every leaf of a tree for equally likely; import with --data ROWS for better ones',
    );
  }
  const producer = 'ml-random-forest';
  const model = ensembleModel({
    algorithm: IMPORTED,
    task: classifier ? 'classification' : 'regression',
    features,
    classes,
    ensemble,
    importance: importanceFromLeaves(ensemble),
    facts: { source: { format: 'ml-random-forest', producer } },
    notes,
    link: classifier ? 'none' : 'identity',
  });
  return { model, producer };
}

function parse(text: string) {
  if (text.length > MOST_JSON_BYTES)
    broken(`it has ${text.length} characters, and ${MOST_JSON_BYTES} are read at most`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // Nesting beyond the stack throws RangeError, all else SyntaxError.
    return broken((cause as Error).message);
  }
  const parsed = forestJsonSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return broken(`${issue!.path.join('.') || 'it'}: ${issue!.message}`);
}

interface Walked {
  feature: number[];
  threshold: number[];
  left: number[];
  right: number[];
  /** The vote or number of each leaf; -1 at inner nodes of a classifier. */
  leaf: number[];
  cover?: number[] | undefined;
}

/** One tree, parents before children. Iterative, so that a tree as deep as it has rows does no harm. */
function walk(root: CartNode, columns: readonly number[], t: number, classifier: boolean): Walked {
  const out: Walked = { feature: [], threshold: [], left: [], right: [], leaf: [] };
  const samples: (number | undefined)[] = [];
  const waiting: { node: CartNode | undefined; parent: number; side: 'left' | 'right' }[] = [
    { node: root, parent: -1, side: 'left' },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, parent, side } = next;
    if (typeof node !== 'object' || node === null) return broken(`a node of tree ${t} lacks a child`);
    const at = out.feature.length;
    if (parent >= 0) out[side][parent] = at;
    samples.push(
      typeof node.numberSamples === 'number' && node.numberSamples > 0 ? node.numberSamples : undefined,
    );
    const isLeaf = node.distribution !== undefined;
    const feature = isLeaf ? -1 : columns[node.splitColumn!];
    if (feature === undefined)
      return broken(
        `a node of tree ${t} asks for the column ${String(node.splitColumn)} of its ${columns.length}`,
      );
    if (!isLeaf && !Number.isFinite(node.splitValue)) return broken(`a node of tree ${t} has no splitValue`);
    out.feature.push(feature);
    out.threshold.push(isLeaf ? 0 : lessThan32(node.splitValue!));
    out.left.push(0);
    out.right.push(0);
    out.leaf.push(isLeaf ? leafOf(node.distribution, t, classifier) : -1);
    if (isLeaf) continue;
    waiting.push(
      { node: node.right, parent: at, side: 'right' },
      { node: node.left, parent: at, side: 'left' },
    );
  }
  return { ...out, cover: coverOf(out, samples) };
}

/** The class with the largest share, the first where several are equal, as the library picks it; or the number. */
function leafOf(distribution: CartNode['distribution'], t: number, classifier: boolean): number {
  if (!classifier) {
    return typeof distribution === 'number' && Number.isFinite(distribution)
      ? distribution
      : broken(`a leaf of tree ${t} holds no number`);
  }
  const shares = Array.isArray(distribution) ? distribution[0] : undefined;
  if (!Array.isArray(shares) || shares.length === 0 || !shares.every(Number.isFinite)) {
    return broken(`a leaf of tree ${t} holds no shares of classes`);
  }
  return shares.reduce((best, share, k) => (share > shares[best]! ? k : best), 0);
}

/** Inner nodes know their rows. A leaf has what its sibling leaves of them; two leaves are taken for halves. */
function coverOf(
  { feature, left, right }: Walked,
  samples: readonly (number | undefined)[],
): number[] | undefined {
  // A tree that is one leaf has nothing to share out.
  if (feature[0]! < 0) return [samples[0] ?? 1];
  const cover = samples.map((count, i) => (feature[i]! < 0 ? undefined : count));
  for (let i = 0; i < cover.length; i++) {
    if (feature[i]! < 0) continue;
    const own = cover[i];
    if (own === undefined) return undefined;
    const [a, b] = [left[i]!, right[i]!];
    const [ofA, ofB] = [cover[a], cover[b]];
    if (ofA === undefined) cover[a] = ofB === undefined ? own / 2 : own - ofB;
    if (ofB === undefined) cover[b] = own - cover[a]!;
    if (!(cover[a]! > 0 && cover[b]! > 0)) return undefined;
  }
  return cover as number[];
}

function classNames(walked: readonly Walked[], given: readonly string[] | undefined): string[] {
  const most = walked.reduce((top, { leaf }) => leaf.reduce((max, vote) => Math.max(max, vote), top), 0) + 1;
  if (most > 65_536) broken(`it has ${most} classes`);
  if (given === undefined) return Array.from({ length: most }, (_, k) => String(k));
  if (given.length >= most && new Set(given).size === given.length) return [...given];
  throw new InvalidInputError(
    `the trees vote for ${most} classes, and ${new Set(given).size} different ones are named`,
    {
      field: 'classes',
      remedy: 'Name every class, in the order of the numbers that the forest was trained on.',
    },
  );
}

function featureNames(
  walked: readonly Walked[],
  indexes: readonly number[][],
  given: readonly string[] | undefined,
): string[] {
  const asked =
    walked.reduce((top, { feature }) => feature.reduce((max, f) => Math.max(max, f), top), -1) + 1;
  const drawn = indexes.reduce((top, columns) => columns.reduce((max, f) => Math.max(max, f), top), -1) + 1;
  if (given === undefined) return Array.from({ length: Math.max(asked, drawn, 1) }, (_, f) => `f${f}`);
  if (given.length >= Math.max(asked, drawn) && new Set(given).size === given.length) return [...given];
  throw new InvalidInputError(
    `the trees know ${Math.max(asked, drawn)} columns, and ${new Set(given).size} different features are named`,
    {
      field: 'features',
      remedy: 'Name every feature, in the order of the columns that the forest was trained on.',
    },
  );
}

function broken(what: string): never {
  throw new IntegrityError(`the file is not a forest of ml-random-forest: ${what}`, {
    remedy: 'Give what JSON.stringify(forest) wrote, whole.',
  });
}
