import { IntegrityError } from '../../../errors/index.ts';
import { UnsupportedModelError } from '../errors.ts';
import { nodeName, tensorNumbers } from './attributes.ts';
import { type LabelledScores, labelledScores } from './labelled.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './schema.ts';

const TREES = ['TreeEnsembleClassifier', 'TreeEnsembleRegressor'] as const;
/** What converters put behind a classifier: it renames, casts and packs, and changes no number. */
const PACKING = new Set([
  'Identity',
  'Cast',
  'ZipMap',
  'Reshape',
  'Slice',
  'Squeeze',
  'Flatten',
  'Normalizer',
]);
/** What leaves one number a row as it is. */
const PASSING = new Set(['Identity', 'Cast', 'Reshape', 'Squeeze', 'Flatten']);

/** Steps that a way back through the graph may take: values that are used twice double them at every level. */
const MOST_STEPS = 100_000;
const MOST_DEPTH = 500;

/** A sum of regressors' answers: scale × answer each, plus a shift. */
export interface LinearChain {
  terms: { node: OnnxNode; scale: number }[];
  shift: number;
}

/** What a graph computes, as far as it is read here. */
export type Computation = { features: FeatureSource } & (
  | { task: 'classification'; node: OnnxNode; labelled?: LabelledScores }
  | { task: 'regression'; chain: LinearChain }
);

/** Where the features come from. */
export interface FeatureSource {
  /** How many there are; undefined where the file leaves it open. */
  count: number | undefined;
  /** Names, where each feature is an input of its own. */
  names?: string[];
}

/**
 * What the graph computes: one classifier, or a sum of regressors, of features that come from the inputs as they are.
 *
 * @throws UnsupportedModelError naming the first node that is something else, IntegrityError where the graph is broken
 */
export function readGraph(graph: OnnxGraph): Computation {
  const makers = makersOf(graph);
  const trees = graph.nodes.filter((node) => isTrees(node));
  const [first] = trees;
  if (first === undefined) refuseWithoutTrees(graph);
  const features = featuresOf(first, graph, makers);
  for (const node of trees) {
    if (node.inputs[0] !== first.inputs[0]) {
      throw new UnsupportedModelError(`${nodeName(node)}: it takes other features than ${nodeName(first)}`);
    }
  }
  const classifier = trees.find(({ opType }) => opType === 'TreeEnsembleClassifier');
  if (classifier !== undefined) {
    if (trees.length > 1)
      throw new UnsupportedModelError(`the graph has ${trees.length} ensembles beside a classifier`);
    requirePacking(graph, makers, classifier, features.path);
    return { task: 'classification', node: classifier, features };
  }
  const labelled = labelledScores(graph, makers, isTrees);
  if (labelled !== undefined) return { task: 'classification', node: labelled.node, labelled, features };
  if (graph.outputs.length !== 1) {
    throw new UnsupportedModelError(
      `the graph of a regressor has ${graph.outputs.length} outputs; one is known here`,
    );
  }
  const chain = chainOf(graph.outputs[0]!.name, { graph, makers, step: stepCounter() }, 0);
  return { task: 'regression', chain: { ...chain, terms: joined(chain.terms) }, features };
}

type Makers = ReadonlyMap<string, OnnxNode>;

/** Counts steps back through the graph; refuses a graph that goes round in a circle or doubles without end. */
function stepCounter(): (depth: number) => void {
  let steps = 0;
  return (depth) => {
    if (++steps <= MOST_STEPS && depth <= MOST_DEPTH) return;
    throw new IntegrityError(
      `the graph goes in a circle, or takes more than ${MOST_DEPTH} steps one after another or ${MOST_STEPS} in all`,
    );
  };
}

/** An ensemble that is added several times, once: its trees are then read once. */
function joined(terms: LinearChain['terms']): LinearChain['terms'] {
  const scales = new Map<OnnxNode, number>();
  for (const { node, scale } of terms) scales.set(node, (scales.get(node) ?? 0) + scale);
  return [...scales].map(([node, scale]) => ({ node, scale }));
}

const isTrees = ({ domain, opType }: OnnxNode): boolean =>
  domain === 'ai.onnx.ml' && (TREES as readonly string[]).includes(opType);

/** Which node makes each value. */
function makersOf(graph: OnnxGraph): Makers {
  const makers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (makers.has(output)) throw new IntegrityError(`the graph makes the value "${output}" twice`);
      makers.set(output, node);
    }
  }
  return makers;
}

/** The way from the inputs to the trees: casts, and single columns put side by side. */
function featuresOf(
  trees: OnnxNode,
  graph: OnnxGraph,
  makers: Makers,
): FeatureSource & { path: Set<OnnxNode> } {
  const path = new Set<OnnxNode>();
  const step = stepCounter();
  const sourceOf = (name: string, depth: number): FeatureSource & { names: string[] } => {
    step(depth);
    const input = graph.inputs.find((one) => one.name === name);
    if (input !== undefined) {
      const size = input.type?.tensor?.shape?.dims.at(-1)?.size ?? 0;
      const count = size > 0 ? size : undefined;
      return { count, names: count === 1 ? [name] : [] };
    }
    const node = makers.get(name);
    if (node === undefined) throw new IntegrityError(`nothing makes the value "${name}" of the graph`);
    path.add(node);
    if (node.opType === 'Cast' || node.opType === 'Identity')
      return sourceOf(node.inputs[0] ?? '', depth + 1);
    if (node.opType !== 'Concat' || !besideEachOther(node)) return refuseStep(node, 'before');
    const parts = node.inputs.map((part) => sourceOf(part, depth + 1));
    const counts = parts.map(({ count }) => count ?? Number.NaN);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { count: Number.isNaN(total) ? undefined : total, names: parts.flatMap(({ names }) => names) };
  };
  const { count, names } = sourceOf(trees.inputs[0] ?? '', 0);
  const named = names.length > 1 && names.length === count && new Set(names).size === count;
  return { count, ...(named ? { names } : {}), path };
}

/** Whether a Concat puts columns beside one another, not rows below one another. */
function besideEachOther({ attributes }: OnnxNode): boolean {
  const axis = attributes.find(({ name }) => name === 'axis')?.int ?? 0;
  return axis === 1 || axis === -1;
}

function requirePacking(
  graph: OnnxGraph,
  makers: Makers,
  trees: OnnxNode,
  path: ReadonlySet<OnnxNode>,
): void {
  for (const node of graph.nodes) {
    if (node === trees || path.has(node) || PACKING.has(node.opType) || node.opType === 'Constant') continue;
    if (node.opType === 'Mul' && node.inputs.some((name) => constantOf(name, graph, makers) === 1)) continue;
    refuseStep(node, 'behind');
  }
}

interface Way {
  graph: OnnxGraph;
  makers: Makers;
  step: (depth: number) => void;
}

/** Goes back from the answer to the regressors, gathering what is done to their sum. */
function chainOf(name: string, way: Way, depth: number): LinearChain {
  const { graph, makers, step } = way;
  step(depth);
  const node = makers.get(name);
  if (node === undefined) throw new IntegrityError(`nothing makes the value "${name}" of the graph`);
  if (isTrees(node)) return { terms: [{ node, scale: 1 }], shift: 0 };
  const back = (input: string) => chainOf(input, way, depth + 1);
  if (PASSING.has(node.opType)) return back(node.inputs[0] ?? '');
  const constants = node.inputs.map((input) => constantOf(input, graph, makers));
  const [left, right] = constants;
  switch (node.opType) {
    case 'Sum':
    case 'Add':
      return node.inputs
        .map((input, i) => (constants[i] === undefined ? back(input) : { terms: [], shift: constants[i] }))
        .reduce((sum, part) => ({ terms: [...sum.terms, ...part.terms], shift: sum.shift + part.shift }));
    case 'Sub':
      if (left === undefined && right !== undefined) return scaled(back(node.inputs[0]!), 1, -right);
      break;
    case 'Mul':
      if (left === undefined && right !== undefined) return scaled(back(node.inputs[0]!), right, 0);
      if (right === undefined && left !== undefined) return scaled(back(node.inputs[1]!), left, 0);
      break;
    case 'Div':
      if (left === undefined && right !== undefined) return scaled(back(node.inputs[0]!), 1 / right, 0);
      break;
  }
  return refuseStep(node, 'behind');
}

const scaled = ({ terms, shift }: LinearChain, factor: number, plus: number): LinearChain => ({
  terms: terms.map(({ node, scale }) => ({ node, scale: scale * factor })),
  shift: shift * factor + plus,
});

/** The one number of an initializer or a Constant. */
function constantOf(name: string, graph: OnnxGraph, makers: Makers): number | undefined {
  const maker = makers.get(name);
  const tensor: OnnxTensor | undefined =
    maker?.opType === 'Constant'
      ? maker.attributes.find((attribute) => attribute.name === 'value')?.tensor
      : graph.initializers.find((one) => one.name === name);
  if (tensor === undefined) return undefined;
  const numbers = tensorNumbers(tensor, `the constant "${name}"`);
  return numbers.length === 1 && Number.isFinite(numbers[0]) ? numbers[0] : undefined;
}

function refuseStep(node: OnnxNode, side: 'before' | 'behind'): never {
  const remedy =
    side === 'before'
      ? 'Convert the trees alone, not the pipeline around them, and do what the step did in the clean steps.'
      : 'Convert the model with an objective whose answer is the sum of the trees, or its logistic or softmax.';
  throw new UnsupportedModelError(`the operator ${nodeName(node)} ${side} the trees is not done here`, {
    remedy,
    details: { operator: node.opType, inputs: node.inputs.slice(0, 10) },
  });
}

function refuseWithoutTrees(graph: OnnxGraph): never {
  const operators = [...new Set(graph.nodes.map(({ opType }) => opType))];
  const newer = operators.includes('TreeEnsemble');
  throw new UnsupportedModelError(
    `the graph has no ensemble of trees, but ${operators.slice(0, 10).join(', ') || 'nothing'}`,
    newer
      ? { remedy: "Convert it for version 3 of ai.onnx.ml: target_opset={'': 15, 'ai.onnx.ml': 3}." }
      : {},
  );
}
