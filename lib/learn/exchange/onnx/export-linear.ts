import { BadDefinitionError } from '../../../errors/index.ts';
import { columnStarts } from '../../linear/design.ts';
import { float64Section } from '../../params.ts';
import type { Model } from '../../types.ts';
import { doubleTensor, floatTensor, intTensor, ML, node } from './make.ts';
import { elementTypes, type OnnxNode, type OnnxTensor } from './schema.ts';

/** Nodes of a graph and the constants that they use. */
export interface Piece {
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
}

/** A score so low that its class gets the probability 0: of classes that training never saw. */
const NEVER = -1e30;

/**
 * A linear regression as a product of doubles that makes `output`. A LinearRegressor adds float32 numbers: where large
 * terms cancel it missed our answers by more than 1e-5 (on california housing by 1.8e-5).
 */
export function exportLinearRegression(model: Model, input: string, output: string): Piece {
  const parts = model.toFile();
  const width = widthOf(model);
  const coefficients = Array.from(float64Section(parts, 'coefficients', width));
  const design = layOut(model, input);
  return {
    nodes: [
      ...design.nodes,
      node('Cast', [design.output], ['doubles'], { to: elementTypes.double }),
      node('MatMul', ['doubles', 'coefficients'], ['product']),
      node('Add', ['product', 'intercept'], ['sum']),
      node('Cast', ['sum'], [output], { to: elementTypes.float }),
    ],
    initializers: [
      ...design.initializers,
      doubleTensor('coefficients', [width, 1], coefficients),
      doubleTensor('intercept', [1], [Number(parts.facts.intercept)]),
    ],
  };
}

/** A logistic regression as a LinearClassifier: a score a class, the first of two classes having 0, then softmax. */
export function exportLogistic(
  model: Model,
  input: string,
  outputs: [label: string, probabilities: string],
): Piece {
  const parts = model.toFile();
  const width = widthOf(model);
  const { seen } = parts.facts as { seen?: unknown };
  if (!Array.isArray(seen))
    throw new BadDefinitionError('the logistic regression does not say which classes it saw');
  const rows = seen.length === 2 ? 1 : seen.length;
  const coefficients = float64Section(parts, 'coefficients', rows * width);
  const intercepts = float64Section(parts, 'intercepts', rows);
  const allCoefficients = new Array<number>(model.classes.length * width).fill(0);
  const allIntercepts = new Array<number>(model.classes.length).fill(NEVER);
  for (const [position, k] of (seen as number[]).entries()) {
    const row = position - (seen.length - rows);
    allIntercepts[k] = row < 0 ? 0 : intercepts[row]!;
    for (let j = 0; j < width && row >= 0; j++)
      allCoefficients[k * width + j] = coefficients[row * width + j]!;
  }
  const attributes = {
    coefficients: { floats: allCoefficients },
    intercepts: { floats: allIntercepts },
    classlabels_strings: [...model.classes],
    multi_class: 0,
    post_transform: 'SOFTMAX',
  };
  const design = layOut(model, input);
  const last = node('LinearClassifier', [design.output], outputs, attributes, ML);
  return { nodes: [...design.nodes, last], initializers: design.initializers };
}

const widthOf = ({ features, categories }: Model): number =>
  columnStarts(features.length, categories)[features.length]!;

/**
 * Codes as columns of 0 and 1, numbers as they are: each category column is compared with its own row of codes. NaN and
 * whatever else equals none of them, so that what is missing or unknown counts for nothing, as here.
 */
function layOut({ features, categories }: Model, input: string): Piece & { output: string } {
  const piece: Piece = { nodes: [], initializers: [] };
  if (categories === undefined) return { ...piece, output: input };
  const parts: string[] = [];
  for (let from = 0; from < features.length; ) {
    const names = categories[from];
    let to = from + 1;
    // Numbers that stand together stay together.
    if (names === undefined) while (to < features.length && categories[to] === undefined) to++;
    const [part, at] = [`columns_${from}`, `at_${from}`];
    const places = Array.from({ length: to - from }, (_, i) => from + i);
    piece.initializers.push(intTensor(at, places));
    piece.nodes.push(node('Gather', [input, at], [part], { axis: 1 }));
    if (names === undefined) parts.push(part);
    else {
      const [codes, equal, dummies] = [`codes_${from}`, `equal_${from}`, `dummies_${from}`];
      piece.initializers.push(floatTensor(codes, [1, names.length], [...names.keys()]));
      piece.nodes.push(node('Equal', [part, codes], [equal]));
      piece.nodes.push(node('Cast', [equal], [dummies], { to: elementTypes.float }));
      parts.push(dummies);
    }
    from = to;
  }
  piece.nodes.push(node('Concat', parts, ['design'], { axis: 1 }));
  return { ...piece, output: 'design' };
}
