import { IntegrityError } from '../../../errors/index.ts';
import { UnsupportedModelError } from '../errors.ts';
import { Attributes, nodeName } from './attributes.ts';
import type { OnnxNode } from './schema.ts';

/** What a node asks; the places are those that the format gives them in version 5. */
export const modes = [
  'BRANCH_LEQ',
  'BRANCH_LT',
  'BRANCH_GTE',
  'BRANCH_GT',
  'BRANCH_EQ',
  'BRANCH_NEQ',
  'LEAF',
] as const;
export type Mode = (typeof modes)[number];

/** One tree as the file has it: nodes by their places in the tree, the root first met. Children may be shared. */
export interface OnnxTree {
  /** Its number in the file. */
  id: number;
  mode: Mode[];
  feature: number[];
  value: number[];
  whenTrue: number[];
  whenFalse: number[];
  /** 1 where a missing value takes the branch of true. */
  missingTrue: number[];
  /** `nodes_hitrates`: training weight, where the writer knew it. */
  hits: number[];
  /** What leaves add to which outputs, one entry each: the leaf's place, the output, the weight. */
  weights: { place: number[]; output: number[]; weight: number[] };
}

/** A TreeEnsembleClassifier or TreeEnsembleRegressor, checked in shape: every place exists, every leaf has weights. */
export interface OnnxTrees {
  /** The node, for messages. */
  where: string;
  /** Classes, or numbers of a regression. */
  outputs: number;
  /** A classifier's labels as text. */
  labels: readonly string[];
  /** True where leaves score the second of two classes alone; where it is left out, the weights tell. */
  single?: boolean;
  postTransform: string;
  average: boolean;
  base: readonly number[];
  trees: OnnxTree[];
}

/**
 * The trees of a node of ai.onnx.ml 1 to 3.
 *
 * @throws IntegrityError where the attributes contradict each other, UnsupportedModelError where they ask for what is
 * not done here; both name node and attribute
 */
export function readTrees(node: OnnxNode): OnnxTrees {
  const where = nodeName(node);
  const attributes = new Attributes(node);
  const classifier = node.opType === 'TreeEnsembleClassifier';
  const texts = attributes.strings('classlabels_strings');
  const numbers = attributes.ints('classlabels_int64s');
  const labels = classifier ? (texts.length > 0 ? texts : numbers.map(String)) : [];
  const outputs = classifier ? labels.length : attributes.int('n_targets', 1);
  if (!(outputs >= 1 && outputs <= 65_535)) damaged(where, `it has ${outputs} outputs`);
  const aggregate = attributes.string('aggregate_function', 'SUM');
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE') {
    throw new UnsupportedModelError(
      `${where}: the trees are joined by ${aggregate}; SUM and AVERAGE are known here`,
    );
  }
  return {
    where,
    outputs,
    labels,
    postTransform: attributes.string('post_transform', 'NONE'),
    average: aggregate === 'AVERAGE',
    base: attributes.numbers('base_values'),
    trees: readNodes(attributes, where, { prefix: classifier ? 'class' : 'target', outputs }),
  };
}

function readNodes(
  attributes: Attributes,
  where: string,
  what: { prefix: string; outputs: number },
): OnnxTree[] {
  const treeIds = attributes.ints('nodes_treeids');
  const count = treeIds.length;
  const ints = (name: string, otherwise?: number) =>
    attributes.sized(name, attributes.ints(name), count, otherwise);
  const nodeIds = ints('nodes_nodeids');
  const features = ints('nodes_featureids');
  const [whenTrue, whenFalse] = [ints('nodes_truenodeids'), ints('nodes_falsenodeids')];
  const missing = ints('nodes_missing_value_tracks_true', 0);
  const modeNames = attributes.sized('nodes_modes', attributes.strings('nodes_modes'), count);
  const values = attributes.sized('nodes_values', attributes.numbers('nodes_values'), count);
  const hits = attributes.sized('nodes_hitrates', attributes.numbers('nodes_hitrates'), count, 0);
  const trees = new Map<number, OnnxTree & { places: Map<number, number> }>();
  for (let i = 0; i < count; i++) {
    const tree = trees.get(treeIds[i]!) ?? { ...emptyTree(treeIds[i]!), places: new Map<number, number>() };
    trees.set(tree.id, tree);
    if (tree.places.has(nodeIds[i]!)) damaged(where, `tree ${tree.id} has two nodes ${nodeIds[i]}`);
    tree.places.set(nodeIds[i]!, tree.mode.length);
    tree.mode.push(modeOf(modeNames[i]!, where));
    tree.feature.push(features[i]!);
    tree.value.push(values[i]!);
    tree.whenTrue.push(whenTrue[i]!);
    tree.whenFalse.push(whenFalse[i]!);
    tree.missingTrue.push(missing[i]!);
    tree.hits.push(hits[i]!);
  }
  readWeights(attributes, where, what, trees);
  for (const tree of trees.values()) linkNodes(tree, tree.places, where);
  return [...trees.values()].map(({ places: _, ...tree }) => tree);
}

function readWeights(
  attributes: Attributes,
  where: string,
  { prefix, outputs }: { prefix: string; outputs: number },
  trees: ReadonlyMap<number, OnnxTree & { places: Map<number, number> }>,
): void {
  const treeIds = attributes.ints(`${prefix}_treeids`);
  const ints = (name: string) => attributes.sized(name, attributes.ints(name), treeIds.length);
  const nodeIds = ints(`${prefix}_nodeids`);
  const ids = ints(`${prefix}_ids`);
  const weights = attributes.sized(
    `${prefix}_weights`,
    attributes.numbers(`${prefix}_weights`),
    treeIds.length,
  );
  for (let i = 0; i < treeIds.length; i++) {
    const tree = trees.get(treeIds[i]!);
    const place = tree?.places.get(nodeIds[i]!);
    const output = ids[i]!;
    const weight = weights[i]!;
    if (tree === undefined || place === undefined) {
      damaged(where, `${prefix}_nodeids names node ${nodeIds[i]} of tree ${treeIds[i]}, which is not there`);
    }
    if (!(output >= 0 && output < outputs))
      damaged(where, `${prefix}_ids holds ${output} of ${outputs} outputs`);
    if (!Number.isFinite(weight)) damaged(where, `${prefix}_weights holds ${weight}`);
    // Old converters give weights to inner nodes too, which nothing ever reads.
    if (tree.mode[place] !== 'LEAF') continue;
    tree.weights.place.push(place);
    tree.weights.output.push(output);
    tree.weights.weight.push(weight);
  }
}

/** Numbers of children become places; leaves must have weights. */
function linkNodes(tree: OnnxTree, places: ReadonlyMap<number, number>, where: string): void {
  const weighted = new Set(tree.weights.place);
  for (let i = 0; i < tree.mode.length; i++) {
    if (tree.mode[i] === 'LEAF') {
      if (!weighted.has(i)) damaged(where, `a leaf of tree ${tree.id} has no weight`);
      continue;
    }
    for (const side of [tree.whenTrue, tree.whenFalse]) {
      const place = places.get(side[i]!);
      if (place === undefined)
        damaged(where, `tree ${tree.id} has no node ${side[i]}, which another names its child`);
      side[i] = place;
    }
    if (!(tree.feature[i]! >= 0)) damaged(where, `tree ${tree.id} asks for feature ${tree.feature[i]}`);
    if (Number.isNaN(tree.value[i]!)) damaged(where, `tree ${tree.id} compares with what is not a number`);
  }
}

function modeOf(name: string, where: string): Mode {
  if ((modes as readonly string[]).includes(name)) return name as Mode;
  throw new UnsupportedModelError(
    `${where}: nodes_modes holds ${JSON.stringify(name)}; known are ${modes.join(', ')}`,
  );
}

const emptyTree = (id: number): OnnxTree => ({
  id,
  mode: [],
  feature: [],
  value: [],
  whenTrue: [],
  whenFalse: [],
  missingTrue: [],
  hits: [],
  weights: { place: [], output: [], weight: [] },
});

function damaged(where: string, what: string): never {
  throw new IntegrityError(`${where}: ${what}`, {
    remedy: 'The file is damaged, or its converter is at fault: convert the model again.',
  });
}
