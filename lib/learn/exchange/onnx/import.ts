import { IntegrityError, InvalidInputError } from '../../../errors/index.ts';
import { unlessAllNumeric } from '../../categories.ts';
import { ensembleModel } from '../../ensemble/model.ts';
import type { FeatureCategories, FeatureMatrix, Model } from '../../types.ts';
import { coverFromRows, estimateCover, importanceFromLeaves } from '../covers.ts';
import { UnsupportedModelError } from '../errors.ts';
import { IMPORTED } from '../imported-ensemble.ts';
import { readCategories } from './categories.ts';
import { readGraph } from './graph.ts';
import type { LabelledScores } from './labelled.ts';
import { type FeatureMetadata, readMetadata } from './metadata.ts';
import { classification, type ReadEnsemble, regression, type Term } from './to-ensemble.ts';
import { type OnnxTrees, readTrees } from './tree-attributes.ts';
import { decodeOnnx } from './wire.ts';

/** More are refused: a graph that names feature 10^9 would otherwise be believed. */
const MOST_FEATURES = 65_536;

export interface ImportOptions {
  /** Names of the features in the order of the input; by default the file's own names, else f0, f1 and so on. */
  features?: readonly string[];
  /** Names for the classes, in the file's order; by default its own labels. */
  classes?: readonly string[];
  /** Rows like those of training, made by the shape that is asked for, to learn covers from. */
  rows?: (shape: { features: readonly string[]; categories?: FeatureCategories }) => FeatureMatrix;
}

export interface ImportedModel {
  model: Model;
  /** What the file says of its features and of how rows are prepared for them. */
  metadata: FeatureMetadata;
  /** Such as `skl2onnx 1.20.0`. */
  producer: string;
}

/**
 * A model of trees from an ONNX file as scikit-learn's, LightGBM's and XGBoost's converters write it, and as
 * `exportOnnx` does. Predictions equal onnxruntime's but for rounding; docs/exchange.md lists what is read.
 *
 * @throws IntegrityError where the bytes are no sound ONNX model, UnsupportedModelError naming the operator or
 * attribute that is not done here, InvalidInputError where the options do not fit the file
 * @example
 * const { model } = importOnnx(bytes, { features: ['rooms', 'area', 'age'] });
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const file = decodeOnnx(bytes);
  const computation = readGraph(file.graph!);
  const terms: Term[] =
    computation.task === 'classification'
      ? [{ trees: withScores(readTrees(computation.node), computation.labelled), scale: 1 }]
      : computation.chain.terms.map(({ node, scale }) => ({ trees: readTrees(node), scale }));
  const ensembles = terms.map(({ trees }) => trees);
  const featureCount = countFeatures(ensembles, computation.features.count, options.features);
  const metadata = readMetadata(file, featureCount);
  const { codes, categories, unnamed } = readCategories(ensembles, featureCount, metadata);
  const shape = { featureCount, codes };
  const read =
    computation.task === 'classification'
      ? classification(withLabels(ensembles[0]!, options.classes), shape)
      : regression(terms, computation.chain.shift, shape);
  const features =
    options.features ??
    metadata.features ??
    computation.features.names ??
    Array.from({ length: featureCount }, (_, f) => `f${f}`);
  const named = unlessAllNumeric(categories);
  const form = { features: [...features], ...(named === undefined ? {} : { categories: named }) };
  const producer = `${file.producerName} ${file.producerVersion}`.trim() || 'an unnamed converter';
  const model = ensembleModel({
    algorithm: IMPORTED,
    task: computation.task,
    ...form,
    classes: read.classes,
    ensemble: read.ensemble,
    ...weigh(read, options.rows?.(form)),
    facts: { source: { format: 'onnx', producer } },
    notes: [...notesOf(producer, read, options.rows !== undefined, unnamed), ...(metadata.notes ?? [])],
    link: read.link,
  });
  return { model, metadata, producer };
}

/** Fills the covers, which the file may lack, and works out importances from them. */
function weigh(
  { ensemble, covered }: ReadEnsemble,
  rows: FeatureMatrix | undefined,
): { importance: Float64Array } {
  if (rows !== undefined) coverFromRows(ensemble, rows);
  else if (!covered) estimateCover(ensemble);
  return { importance: importanceFromLeaves(ensemble) };
}

function countFeatures(
  ensembles: readonly OnnxTrees[],
  declared: number | undefined,
  named: readonly string[] | undefined,
): number {
  let asked = 0;
  for (const { trees } of ensembles) {
    for (const { mode, feature } of trees) {
      for (let i = 0; i < mode.length; i++) if (mode[i] !== 'LEAF') asked = Math.max(asked, feature[i]! + 1);
    }
  }
  const count = declared ?? named?.length ?? Math.max(asked, 1);
  if (count > MOST_FEATURES || asked > MOST_FEATURES) {
    throw new UnsupportedModelError(
      `the trees ask for ${Math.max(count, asked)} features; ${MOST_FEATURES} are the most`,
    );
  }
  if (asked > count || (named !== undefined && named.length !== count)) {
    throw new InvalidInputError(
      `the model takes ${Math.max(asked, declared ?? 0)} features, and ${named?.length ?? count} are named`,
      {
        field: 'features',
        remedy: 'Name every feature, in the order of the columns that the model was trained on.',
      },
    );
  }
  if (named !== undefined && new Set(named).size !== count) {
    throw new InvalidInputError('two features are named alike', {
      field: 'features',
      remedy: 'Name each feature once.',
    });
  }
  return count;
}

/** A regressor's trees as those of a classifier, where its numbers are scores of classes. */
function withScores(trees: OnnxTrees, labelled: LabelledScores | undefined): OnnxTrees {
  if (labelled === undefined) return trees;
  const { labels, postTransform } = labelled;
  const single = postTransform === 'LOGISTIC';
  if (trees.postTransform !== 'NONE' || trees.outputs !== (single ? 1 : labels.length)) {
    throw new IntegrityError(
      `${trees.where}: it makes ${trees.outputs} numbers for ${labels.length} classes`,
    );
  }
  return { ...trees, labels, single, postTransform };
}

/** The trees with other names for their labels. */
function withLabels(trees: OnnxTrees, classes: readonly string[] | undefined): OnnxTrees {
  if (classes === undefined) return trees;
  if (classes.length !== trees.labels.length || new Set(classes).size !== classes.length) {
    throw new InvalidInputError(
      `the model has ${trees.labels.length} classes, and ${new Set(classes).size} different ones are named`,
      {
        field: 'classes',
        remedy: `Name a class for each of: ${trees.labels.slice(0, 20).join(', ')}.`,
      },
    );
  }
  return { ...trees, labels: classes };
}

function notesOf(producer: string, { covered }: ReadEnsemble, rows: boolean, unnamed: number): string[] {
  const notes = [`trained elsewhere; read from ONNX that ${producer} wrote`];
  if (rows)
    notes.push(
      'training weights of nodes (for explanation and importance) were counted on the rows given with --data',
    );
  else if (!covered) {
    notes.push(
      'ONNX holds no training weights of nodes: explanation and importance take every leaf of a tree for equally likely; import with --data ROWS for better ones',
    );
  }
  if (unnamed > 0)
    notes.push(
      `${unnamed} features are asked for by equality alone and are taken for categories, named by their numbers`,
    );
  return notes;
}
