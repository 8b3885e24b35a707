import {
  type AttributeValue,
  ML,
  modelOf,
  node,
  value,
} from '../../../../../lib/learn/exchange/onnx/make.ts';
import {
  attributeTypes,
  elementTypes,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
} from '../../../../../lib/learn/exchange/onnx/schema.ts';
import type { Mode } from '../../../../../lib/learn/exchange/onnx/tree-attributes.ts';
import { encodeOnnx } from '../../../../../lib/learn/exchange/onnx/wire.ts';

/** A tree as one writes it by hand: a leaf is what it adds to each output; nodes may share children. */
export type Tree = readonly number[] | Asked;
export interface Asked {
  mode?: Mode;
  feature?: number;
  value: number;
  yes: Tree;
  no: Tree;
  /** Missing values take the branch of yes. */
  missing?: boolean;
  hits?: number;
}

export interface TreesOptions {
  input?: string;
  outputs?: string[];
  /** Makes it a classifier. */
  labels?: readonly string[] | readonly number[];
  attributes?: Record<string, AttributeValue>;
  /** Thresholds as doubles, as a model of double inputs has them. */
  doubles?: boolean;
}

const isLeaf = (tree: Tree): tree is readonly number[] => Array.isArray(tree);

/** The node of an ensemble, its attributes spelled out from trees. */
export function treesNode(trees: readonly Tree[], options: TreesOptions = {}): OnnxNode {
  const { input = 'X', labels, attributes = {}, doubles = false } = options;
  const [ids, nodes, features, yes, no, missing]: number[][] = [[], [], [], [], [], []];
  const [values, weights]: number[][] = [[], []];
  const [weightTrees, weightNodes, weightIds]: number[][] = [[], [], []];
  const modes: string[] = [];
  for (const [t, root] of trees.entries()) {
    const known = new Map<Tree, number>();
    const list: Tree[] = [];
    const number = (tree: Tree): number => {
      if (!known.has(tree)) {
        known.set(tree, list.length);
        list.push(tree);
      }
      return known.get(tree)!;
    };
    number(root);
    for (let i = 0; i < list.length; i++) {
      const tree = list[i]!;
      ids!.push(t);
      nodes!.push(i);
      if (isLeaf(tree)) {
        modes.push('LEAF');
        for (const column of [features!, yes!, no!, missing!, values!]) column.push(0);
        for (const [k, weight] of tree.entries()) {
          weightTrees!.push(t);
          weightNodes!.push(i);
          weightIds!.push(k);
          weights!.push(weight);
        }
        continue;
      }
      modes.push(tree.mode ?? 'BRANCH_LEQ');
      features!.push(tree.feature ?? 0);
      values!.push(tree.value);
      yes!.push(number(tree.yes));
      no!.push(number(tree.no));
      missing!.push(tree.missing ? 1 : 0);
    }
  }
  const prefix = labels === undefined ? 'target' : 'class';
  const outputs = options.outputs ?? (labels === undefined ? ['variable'] : ['label', 'probabilities']);
  const made = node(
    labels === undefined ? 'TreeEnsembleRegressor' : 'TreeEnsembleClassifier',
    [input],
    outputs,
    {
      ...(labels === undefined ? { n_targets: 1 } : labelAttribute(labels)),
      nodes_treeids: { ints: ids! },
      nodes_nodeids: { ints: nodes! },
      nodes_featureids: { ints: features! },
      ...(doubles ? {} : { nodes_values: { floats: values! } }),
      nodes_modes: modes,
      nodes_truenodeids: { ints: yes! },
      nodes_falsenodeids: { ints: no! },
      nodes_missing_value_tracks_true: { ints: missing! },
      [`${prefix}_treeids`]: { ints: weightTrees! },
      [`${prefix}_nodeids`]: { ints: weightNodes! },
      [`${prefix}_ids`]: { ints: weightIds! },
      [`${prefix}_weights`]: { floats: weights! },
      ...attributes,
    },
    ML,
  );
  if (doubles) made.attributes.push(tensorAttribute('nodes_values_as_tensor', doubleTensor(values!)));
  return made;
}

const labelAttribute = (labels: readonly string[] | readonly number[]): Record<string, AttributeValue> =>
  typeof labels[0] === 'number'
    ? { classlabels_int64s: { ints: labels as readonly number[] } }
    : { classlabels_strings: labels as readonly string[] };

const blank = {
  dims: [1],
  floatData: [],
  int32Data: [],
  int64Data: [],
  stringData: [],
  doubleData: [],
};

export const doubleTensor = (doubleData: number[], name = ''): OnnxTensor => ({
  ...blank,
  name,
  dims: [doubleData.length],
  dataType: elementTypes.double,
  doubleData,
});

export function tensorAttribute(name: string, tensor: OnnxTensor): OnnxNode['attributes'][number] {
  const [only] = node('', [], [''], { [name]: 0 }).attributes;
  return { ...only!, type: attributeTypes.tensor, tensor };
}

/** A graph of those nodes as the bytes of a file: one input X of `width` columns, 0 where the file leaves that open. */
export function fileOf(
  nodes: OnnxNode[],
  { width = 1, outputs = ['variable'], metadata = {}, ...rest }: GraphOptions = {},
): Uint8Array {
  return encodeOnnx(
    modelOf(
      {
        name: 'by hand',
        nodes,
        initializers: rest.initializers ?? [],
        inputs: rest.inputs ?? [value('X', elementTypes.float, width)],
        outputs: outputs.map((name) => value(name, elementTypes.float, 1)),
      },
      metadata,
    ),
  );
}

export interface GraphOptions extends Partial<Pick<OnnxGraph, 'initializers' | 'inputs'>> {
  width?: number;
  outputs?: string[];
  metadata?: Record<string, string>;
}

/** A file that is one ensemble. */
export const treesFile = (
  trees: readonly Tree[],
  { width, metadata, ...options }: TreesOptions & Pick<GraphOptions, 'width' | 'metadata'> = {},
): Uint8Array =>
  fileOf([treesNode(trees, options)], {
    ...(width === undefined ? {} : { width }),
    ...(metadata === undefined ? {} : { metadata }),
    outputs: options.labels === undefined ? ['variable'] : ['label', 'probabilities'],
  });
