import { IntegrityError } from '../../../errors/index.ts';
import { UnsupportedModelError } from '../errors.ts';
import { nodeName, tensorNumbers } from './attributes.ts';
import { elementTypes, type OnnxGraph, type OnnxNode, type OnnxTensor } from './schema.ts';

/** A regressor whose numbers are scores of classes, as `exportOnnx` writes classifiers. */
export interface LabelledScores {
  node: OnnxNode;
  labels: readonly string[];
  /** As the attribute post_transform of a classifier would say it. */
  postTransform: 'NONE' | 'LOGISTIC' | 'SOFTMAX';
}

/**
 * The scores behind the graph's ArgMax, where it has one: trees → [× (0, 1)] → [Softmax] → probabilities, and
 * ArgMax → Gather of the labels. Undefined where the graph picks no label.
 *
 * @throws UnsupportedModelError where it picks one in another way
 */
export function labelledScores(
  graph: OnnxGraph,
  makers: ReadonlyMap<string, OnnxNode>,
  isTrees: (node: OnnxNode) => boolean,
): LabelledScores | undefined {
  const picks = graph.nodes.filter(({ opType }) => opType === 'ArgMax');
  const [pick] = picks;
  if (pick === undefined) return undefined;
  const gather = graph.nodes.find(
    ({ opType, inputs }) =>
      (opType === 'Gather' || opType === 'ArrayFeatureExtractor') && inputs[1] === pick.outputs[0],
  );
  const table = graph.initializers.find(({ name }) => name === gather?.inputs[0]);
  const scores = pick.inputs[0] ?? '';
  if (picks.length > 1 || gather === undefined || table === undefined) return unknown(pick);
  const softmax = graph.nodes.find(({ opType, inputs }) => opType === 'Softmax' && inputs[0] === scores);
  const maker = makers.get(scores);
  const known = new Set([pick, gather, softmax, maker]);
  const found = maker === undefined ? undefined : treesBehind(maker, graph, makers, isTrees);
  if (found === undefined) return unknown(maker ?? pick);
  const stranger = graph.nodes.find((node) => !known.has(node) && node !== found.node && !isInput(node));
  if (stranger !== undefined) return unknown(stranger);
  const labels = labelsOf(table);
  const postTransform = found.second ? 'LOGISTIC' : softmax === undefined ? 'NONE' : 'SOFTMAX';
  if (found.second && (softmax === undefined || labels.length !== 2)) return unknown(maker!);
  return { node: found.node, labels, postTransform };
}

/** Steps on the way to the trees; graph.ts looks at them. */
const isInput = ({ opType }: OnnxNode): boolean => ['Cast', 'Concat', 'Identity'].includes(opType);

/** The trees themselves, or their one score times (0, 1). */
function treesBehind(
  maker: OnnxNode,
  graph: OnnxGraph,
  makers: ReadonlyMap<string, OnnxNode>,
  isTrees: (node: OnnxNode) => boolean,
): { node: OnnxNode; second: boolean } | undefined {
  if (isTrees(maker)) return { node: maker, second: false };
  const node = makers.get(maker.inputs[0] ?? '');
  const factor = graph.initializers.find(({ name }) => name === maker.inputs[1]);
  if (maker.opType !== 'Mul' || node === undefined || factor === undefined || !isTrees(node))
    return undefined;
  return tensorNumbers(factor, nodeName(maker)).join() === '0,1' ? { node, second: true } : undefined;
}

function labelsOf(table: OnnxTensor): readonly string[] {
  const labels =
    table.dataType === elementTypes.string
      ? table.stringData
      : tensorNumbers(table, 'the labels').map(String);
  if (labels.length === 0) throw new IntegrityError('the graph has no labels for its classes');
  return labels;
}

function unknown(node: OnnxNode): never {
  throw new UnsupportedModelError(
    `the operator ${nodeName(node)} picks a class in a way that is not known here`,
    {
      details: { operator: node.opType },
    },
  );
}
