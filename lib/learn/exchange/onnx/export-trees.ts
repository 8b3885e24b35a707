import type { Ensemble } from '../../ensemble/ensemble.ts';
import type { Link } from '../../ensemble/links.ts';
import { codesInSet, leafVector, type NodeView, treeCount, treeNodes } from '../../ensemble/views.ts';
import { NotExportableError } from '../errors.ts';
import { ML, node } from './make.ts';
import type { OnnxNode } from './schema.ts';

/** More than an import takes: other libraries hold larger models than a function here serves. */
const MOST_WRITTEN_NODES = 20_000_000;

/** The columns of a TreeEnsembleRegressor, growing. */
class Columns {
  readonly treeIds: number[] = [];
  readonly nodeIds: number[] = [];
  readonly features: number[] = [];
  readonly values: number[] = [];
  readonly modes: string[] = [];
  readonly whenTrue: number[] = [];
  readonly whenFalse: number[] = [];
  readonly missingTrue: number[] = [];
  readonly hits: number[] = [];
  readonly targetTrees: number[] = [];
  readonly targetNodes: number[] = [];
  readonly targets: number[] = [];
  readonly weights: number[] = [];

  node(row: {
    tree: number;
    id: number;
    mode: string;
    hits: number;
    feature?: number;
    value?: number;
    yes?: number;
    no?: number;
    missing?: boolean;
  }): void {
    if (this.treeIds.length >= MOST_WRITTEN_NODES) {
      throw new NotExportableError(`the trees come to more than ${MOST_WRITTEN_NODES} nodes in ONNX`, {
        remedy: 'Train fewer or shallower trees, or encode columns of many categories by their order.',
      });
    }
    this.treeIds.push(row.tree);
    this.nodeIds.push(row.id);
    this.modes.push(row.mode);
    this.hits.push(row.hits);
    this.features.push(row.feature ?? 0);
    this.values.push(row.value ?? 0);
    this.whenTrue.push(row.yes ?? 0);
    this.whenFalse.push(row.no ?? 0);
    this.missingTrue.push(row.missing ? 1 : 0);
  }
}

/**
 * The trees as a TreeEnsembleRegressor that makes the raw scores: a number an output, as float32. It is used for
 * classes too, since what a TreeEnsembleClassifier does with two classes differs between runtimes, and a mean of
 * votes must not be a sum of rounded fractions.
 *
 * A set of categories becomes a chain of BRANCH_EQ: one node for each category on the side that what is missing does
 * not go to, all true branches leading to one node, as LightGBM's converter writes it. What is missing, and whatever
 * category the model does not know, is then equal to none and falls through.
 *
 * @throws NotExportableError where that comes to more than 20 million nodes
 */
export function exportTrees(ensemble: Ensemble, input: string, output: string): OnnxNode {
  const columns = new Columns();
  const vector = new Float64Array(ensemble.outputs);
  const covered = ensemble.cover.every((cover) => cover > 0);
  for (let tree = 0; tree < treeCount(ensemble); tree++) {
    const start = ensemble.roots[tree]!;
    let extra = ensemble.roots[tree + 1]! - start;
    for (const [id, view] of treeNodes(ensemble, tree)) {
      const hits = ensemble.cover[start + id]!;
      if (view.leaf) writeLeaf(columns, { tree, id, hits }, leafVector(ensemble, tree, id, vector));
      else if (view.categorical) extra = writeChain(columns, { tree, id, hits, extra }, view, ensemble);
      else {
        const { feature, threshold, left, right, missingLeft } = view;
        const mode = 'BRANCH_LEQ';
        columns.node({
          tree,
          id,
          hits,
          mode,
          feature,
          value: threshold,
          yes: left,
          no: right,
          missing: missingLeft,
        });
      }
    }
  }
  // An ensemble without trees is its base alone; the operator wants a tree, so that becomes one leaf that adds nothing.
  if (treeCount(ensemble) === 0) writeLeaf(columns, { tree: 0, id: 0, hits: 1 }, vector);
  const base = Array.from(ensemble.base);
  return node(
    'TreeEnsembleRegressor',
    [input],
    [output],
    {
      n_targets: ensemble.outputs,
      aggregate_function: ensemble.aggregate === 'mean' ? 'AVERAGE' : 'SUM',
      post_transform: 'NONE',
      ...(base.some((number) => number !== 0) ? { base_values: { floats: base } } : {}),
      nodes_treeids: { ints: columns.treeIds },
      nodes_nodeids: { ints: columns.nodeIds },
      nodes_featureids: { ints: columns.features },
      nodes_values: { floats: columns.values },
      nodes_modes: columns.modes,
      nodes_truenodeids: { ints: columns.whenTrue },
      nodes_falsenodeids: { ints: columns.whenFalse },
      nodes_missing_value_tracks_true: { ints: columns.missingTrue },
      ...(covered ? { nodes_hitrates: { floats: columns.hits } } : {}),
      target_treeids: { ints: columns.targetTrees },
      target_nodeids: { ints: columns.targetNodes },
      target_ids: { ints: columns.targets },
      target_weights: { floats: columns.weights },
    },
    ML,
  );
}

type Place = { tree: number; id: number; hits: number };

/**
 * Outputs to which the leaf adds nothing are left out, but for one: a leaf must have a weight. The leaf's value, which
 * the format gives no meaning, is its own number: onnxruntime (1.31) joins chains of BRANCH_EQ whose true branches it
 * takes for equal, and it compares leaves by that value and not by their weights.
 */
function writeLeaf(columns: Columns, place: Place, vector: Float64Array): void {
  columns.node({ ...place, mode: 'LEAF', value: place.id });
  const nothing = vector.every((weight) => weight === 0);
  for (const [output, weight] of vector.entries()) {
    if (weight === 0 && !(nothing && output === 0)) continue;
    columns.targetTrees.push(place.tree);
    columns.targetNodes.push(place.id);
    columns.targets.push(output);
    columns.weights.push(weight);
  }
}

/** The first link has the node's own number, the others the next free ones. Returns the next free one then. */
function writeChain(
  columns: Columns,
  { tree, id, hits, extra }: Place & { extra: number },
  { feature, set, missingLeft, left, right }: NodeView,
  { categoryCounts }: Ensemble,
): number {
  const count = categoryCounts[feature]!;
  const inSet = new Set(codesInSet(set!, count));
  const listed = Array.from({ length: count }, (_, code) => code).filter(
    (code) => inSet.has(code) !== missingLeft,
  );
  const [yes, otherwise] = missingLeft ? [right, left] : [left, right];
  // Where no category goes that way, one that does not exist is asked for.
  const codes = listed.length > 0 ? listed : [-1];
  let own = id;
  let next = extra;
  for (const [i, value] of codes.entries()) {
    const no = i === codes.length - 1 ? otherwise : next;
    columns.node({ tree, id: own, hits, mode: 'BRANCH_EQ', feature, value, yes, no });
    if (i < codes.length - 1) own = next++;
  }
  return next;
}

/** How raw scores of that link are named in the graph, so that a reader sees what they are. */
export const scoreName = (link: Link): string => (link === 'none' ? 'probabilities' : 'scores');
