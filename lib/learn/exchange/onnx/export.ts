import type { FittedPreprocessing, RowSchema } from '../../../table/index.ts';
import type { Ensemble } from '../../ensemble/ensemble.ts';
import { type Link, links } from '../../ensemble/links.ts';
import { canonicalJson } from '../../file/canonical-json.ts';
import type { Model } from '../../types.ts';
import { NotExportableError } from '../errors.ts';
import { forestEnsemble } from '../ml-random-forest/flat-forest-ensemble.ts';
import { exportLinearRegression, exportLogistic, type Piece } from './export-linear.ts';
import { exportTrees, scoreName } from './export-trees.ts';
import { floatTensor, modelOf, node, stringTensor, value } from './make.ts';
import { metadataKeys } from './metadata.ts';
import { elementTypes } from './schema.ts';
import { encodeOnnx } from './wire.ts';

/** What may be said of a model in its file besides its numbers. */
export interface ExportOptions {
  /** Name of the graph. */
  name?: string;
  target?: string;
  /** How raw rows become features: ONNX does not run it, an import here restores it. */
  preprocessing?: FittedPreprocessing;
  rowSchema?: RowSchema;
}

/** The one input of an exported graph. */
export const INPUT = 'features';

/**
 * A model as an ONNX file: every model of trees, and linear ones.
 *
 * Input `features`, float32 [N, p]: the model's features after its preprocessing, in the model's order, NaN where
 * missing, categories as their codes. Output of a regression `variable`, float32 [N, 1]; of a classification `label`,
 * string [N], and `probabilities`, float32 [N, K]. Names of features, categories and classes are in the metadata.
 *
 * @throws NotExportableError for a model that is neither, or too large
 * @example
 * const { model, manifest } = readModelFile(bytes);
 * await writeFile('model.onnx', exportOnnx(model, manifest));
 */
export function exportOnnx(model: Model, options: ExportOptions = {}): Uint8Array {
  const { nodes, initializers } = pieceOf(model);
  const outputs =
    model.task === 'regression'
      ? [value('variable', elementTypes.float, 1)]
      : [
          value('label', elementTypes.string),
          value('probabilities', elementTypes.float, model.classes.length),
        ];
  const inputs = [value(INPUT, elementTypes.float, model.features.length)];
  const graph = { name: options.name ?? 'model', nodes, initializers, inputs, outputs };
  return encodeOnnx(modelOf(graph, metadataOf(model, options)));
}

function pieceOf(model: Model): Piece {
  if (model.algorithm === 'linear-regression') return exportLinearRegression(model, INPUT, 'variable');
  if (model.algorithm === 'logistic-regression')
    return exportLogistic(model, INPUT, ['label', 'probabilities']);
  const ensemble = model.ensemble ?? forestEnsemble(model);
  if (ensemble === undefined) {
    throw new NotExportableError(`a model of the algorithm ${model.algorithm} cannot be said in ONNX`, {
      remedy: 'Export a model of trees or a linear one.',
    });
  }
  return treesPiece(model, ensemble, linkOf(model));
}

/** How the model's scores become answers; models that keep votes keep shares. */
function linkOf(model: Model): Link {
  const { ensemble } = model.toFile().facts as { ensemble?: { link?: unknown } };
  const found = links.find((link) => link === ensemble?.link);
  return found ?? (model.task === 'regression' ? 'identity' : 'none');
}

function treesPiece(model: Model, ensemble: Ensemble, link: Link): Piece {
  if (link === 'identity') return { nodes: [exportTrees(ensemble, INPUT, 'variable')], initializers: [] };
  const piece: Piece = {
    nodes: [exportTrees(ensemble, INPUT, link === 'logistic' ? 'logit' : scoreName(link))],
    initializers: [stringTensor('classes', model.classes)],
  };
  if (link === 'logistic') {
    // 0 for the first class and the score for the second, whose softmax is the logistic function.
    piece.initializers.push(floatTensor('second', [1, 2], [0, 1]));
    piece.nodes.push(node('Mul', ['logit', 'second'], ['scores']));
  }
  if (link !== 'none') piece.nodes.push(node('Softmax', ['scores'], ['probabilities'], { axis: 1 }));
  piece.nodes.push(
    node('ArgMax', [scoreName(link)], ['index'], { axis: 1, keepdims: 0 }),
    node('Gather', ['classes', 'index'], ['label'], { axis: 0 }),
  );
  return piece;
}

function metadataOf(
  model: Model,
  { target, preprocessing, rowSchema }: ExportOptions,
): Record<string, string> {
  const { features, categories, classes, algorithm, notes } = model;
  const told: Partial<Record<keyof typeof metadataKeys, unknown>> = {
    features,
    categories: categories?.map((names) => names ?? null),
    classes: classes.length > 0 ? classes : undefined,
    target,
    algorithm,
    notes: notes.length > 0 ? notes : undefined,
    preprocessing,
    rowSchema,
  };
  return Object.fromEntries(
    Object.entries(told)
      .filter(([, content]) => content !== undefined)
      .map(([key, content]) => [metadataKeys[key as keyof typeof metadataKeys], canonicalJson(content)]),
  );
}
