import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../../lib/errors/index.ts';
import { importOnnx, UnsupportedModelError } from '../../../../lib/learn/exchange/index.ts';
import {
  floatTensor,
  intTensor,
  node,
  stringTensor,
  value,
} from '../../../../lib/learn/exchange/onnx/make.ts';
import { elementTypes, type OnnxNode } from '../../../../lib/learn/exchange/onnx/schema.ts';
import { matrixOf } from './support/cases.ts';
import {
  doubleTensor,
  fileOf,
  type GraphOptions,
  type TreesOptions,
  tensorAttribute,
  treesNode,
} from './support/graphs.ts';

/** x0 <= 0 ? 1 : 2 */
const stump = { value: 0, yes: [1], no: [2] };
const single = (name: string) => value(name, elementTypes.float, 1);
const sumOfTrees = (output: string, input = 'X') => treesNode([stump], { input, outputs: [output] });

function predictions(nodes: OnnxNode[], options: GraphOptions = {}, rows = [[0], [1]]): number[] {
  const { model } = importOnnx(fileOf(nodes, options));
  return Array.from(model.predict(matrixOf(rows, model)));
}

describe('what is done to the answer of regressors', () => {
  const constants = [floatTensor('three', [1], [3]), floatTensor('pair', [2], [1, 2])];
  const behind = (opType: string, inputs: string[], initializers = constants) =>
    predictions([sumOfTrees('a'), node(opType, inputs, ['variable'])], { initializers });

  it.each<[string, string[], number[]]>([
    ['Add', ['a', 'three'], [4, 5]],
    ['Add', ['three', 'a'], [4, 5]],
    ['Sum', ['a', 'three', 'three'], [7, 8]],
    ['Sub', ['a', 'three'], [-2, -1]],
    ['Mul', ['a', 'three'], [3, 6]],
    ['Mul', ['three', 'a'], [3, 6]],
    ['Div', ['a', 'three'], [1 / 3, 2 / 3]],
    ['Add', ['a', 'a'], [2, 4]],
    ['Identity', ['a'], [1, 2]],
    ['Cast', ['a'], [1, 2]],
    ['Reshape', ['a', 'pair'], [1, 2]],
    ['Flatten', ['a'], [1, 2]],
    ['Squeeze', ['a'], [1, 2]],
  ])('%s of %j', (opType, inputs, expected) => {
    for (const [i, found] of behind(opType, inputs).entries()) expect(found).toBeCloseTo(expected[i]!, 6);
  });

  it('the shift of an inner sum is scaled by what is outside', () => {
    const nodes = [
      sumOfTrees('a'),
      sumOfTrees('b'),
      node('Sum', ['a', 'b', 'three'], ['s']),
      node('Div', ['s', 'four'], ['variable']),
    ];
    const initializers = [...constants, floatTensor('four', [1], [4])];
    expect(predictions(nodes, { initializers })).toEqual([1.25, 1.75]);
  });

  it('base values are scaled with their trees', () => {
    const based = treesNode([stump], { outputs: ['a'], attributes: { base_values: { floats: [10] } } });
    const nodes = [based, node('Mul', ['a', 'three'], ['variable'])];
    expect(predictions(nodes, { initializers: constants })).toEqual([33, 36]);
  });

  it('a constant may be a node, and of doubles or whole numbers', () => {
    const half = node('Constant', [], ['half']);
    half.attributes.push(tensorAttribute('value', doubleTensor([0.5])));
    const nodes = [
      sumOfTrees('a'),
      half,
      node('Mul', ['a', 'half'], ['b']),
      node('Add', ['b', 'two'], ['variable']),
    ];
    const two = { ...intTensor('two', [2]), dims: [] };
    expect(predictions(nodes, { initializers: [two] })).toEqual([2.5, 3]);
  });

  it('an ensemble that is used twice is read once', () => {
    const file = fileOf([sumOfTrees('a'), node('Add', ['a', 'a'], ['variable'])]);
    expect(importOnnx(file).model.ensemble!.roots).toHaveLength(2);
  });

  it('AVERAGE of one ensemble stays a mean; a sum of averages adds means', () => {
    const trees = [stump, { value: 0, yes: [3], no: [6] }];
    const mean = (output: string) =>
      treesNode(trees, { outputs: [output], attributes: { aggregate_function: 'AVERAGE' } });
    expect(importOnnx(fileOf([mean('variable')])).model.ensemble!.aggregate).toBe('mean');
    expect(predictions([mean('variable')])).toEqual([2, 4]);
    const based = treesNode(trees, {
      attributes: { aggregate_function: 'AVERAGE', base_values: { floats: [10] } },
    });
    expect(predictions([based])).toEqual([12, 14]);
    expect(predictions([mean('a'), mean('b'), node('Add', ['a', 'b'], ['variable'])])).toEqual([4, 8]);
  });

  it.each<[string, string[], string]>([
    ['Exp', ['a'], 'Exp'],
    ['Sub', ['three', 'a'], 'Sub'],
    ['Div', ['three', 'a'], 'Div'],
    ['Mul', ['a', 'pair'], 'Mul'],
    ['Mul', ['a', 'a'], 'Mul'],
    ['Sub', ['a', 'a'], 'Sub'],
    ['Sigmoid', ['a'], 'Sigmoid'],
  ])('%s of %j is refused by its name', (opType, inputs, named) => {
    const thrown = errorOf(() => behind(opType, inputs));
    expect(thrown).toBeInstanceOf(UnsupportedModelError);
    expect(thrown.message).toBe(`the operator ${named} "variable" behind the trees is not done here`);
    expect(thrown.remedy).toContain('objective');
    expect(thrown.details).toEqual({ operator: named, inputs });
  });

  it('a Reshape without input, an answer that nothing makes, and one that is made twice', () => {
    expect(() => behind('Reshape', [])).toThrow('nothing makes the value ""');
    expect(() => importOnnx(fileOf([sumOfTrees('a')]))).toThrow('nothing makes the value "variable"');
    expect(() => importOnnx(fileOf([sumOfTrees('variable'), sumOfTrees('variable')]))).toThrow(
      '"variable" twice',
    );
  });

  it('two outputs are refused', () => {
    expect(() => importOnnx(fileOf([sumOfTrees('a')], { outputs: ['a', 'a'] }))).toThrow('has 2 outputs');
  });

  it('circles and sums that double at every step are refused in no time', () => {
    const circle = [sumOfTrees('a'), node('Identity', ['y'], ['x']), node('Identity', ['x'], ['y'])];
    const thrown = errorOf(() => importOnnx(fileOf(circle, { outputs: ['x'] })));
    expect(thrown).toBeInstanceOf(IntegrityError);
    expect(thrown.message).toContain('goes in a circle');
    const doubling = Array.from({ length: 60 }, (_, i) => node('Add', [`v${i}`, `v${i}`], [`v${i + 1}`]));
    expect(() => importOnnx(fileOf([sumOfTrees('v0'), ...doubling], { outputs: ['v60'] }))).toThrow('steps');
  });
});

describe('where features come from', () => {
  const named = (names: string[]): GraphOptions => ({ inputs: names.map(single) });
  const rows = [
    [9, 0],
    [9, 1],
  ];
  const second = treesNode([{ ...stump, feature: 1 }], { input: 'both' });

  it.each([1, -1])('single columns side by side name the features, along axis %i', (axis) => {
    const concat = node('Concat', ['age', 'rooms'], ['both'], { axis });
    const { model } = importOnnx(fileOf([concat, second], named(['age', 'rooms'])));
    expect(model.features).toEqual(['age', 'rooms']);
    expect(Array.from(model.predict(matrixOf(rows, model)))).toEqual([1, 2]);
  });

  it('casts on the way change nothing', () => {
    const nodes = [
      node('Cast', ['age'], ['a'], { to: elementTypes.float }),
      node('Identity', ['rooms'], ['b']),
      node('Concat', ['a', 'b'], ['both'], { axis: 1 }),
      second,
    ];
    expect(importOnnx(fileOf(nodes, named(['age', 'rooms']))).model.features).toEqual(['age', 'rooms']);
  });

  it('columns and tables together have numbers for names', () => {
    const concat = node('Concat', ['age', 'rest'], ['both'], { axis: 1 });
    const inputs = [single('age'), value('rest', elementTypes.float, 3)];
    const { model } = importOnnx(fileOf([concat, second], { inputs }));
    expect(model.features).toEqual(['f0', 'f1', 'f2', 'f3']);
  });

  it('the same column twice has no name of its own', () => {
    const concat = node('Concat', ['age', 'age'], ['both'], { axis: 1 });
    expect(importOnnx(fileOf([concat, second], named(['age']))).model.features).toEqual(['f0', 'f1']);
  });

  it('a width that the file leaves open is what the trees ask for, or what is named', () => {
    const nodes = [treesNode([{ ...stump, feature: 2 }])];
    expect(importOnnx(fileOf(nodes, { width: 0 })).model.features).toHaveLength(3);
    const features = ['a', 'b', 'c', 'd'];
    expect(importOnnx(fileOf(nodes, { width: 0 }), { features }).model.features).toEqual(features);
    expect(() => importOnnx(fileOf(nodes, { width: 0 }), { features: ['a'] })).toThrow(
      'takes 3 features, and 1',
    );
    expect(() => importOnnx(fileOf(nodes, { width: 2 }))).toThrow('features');
  });

  it.each<[string, OnnxNode]>([
    ['Scaler', node('Scaler', ['X'], ['both'], {}, 'ai.onnx.ml')],
    ['Imputer', node('Imputer', ['X'], ['both'], {}, 'ai.onnx.ml')],
    ['Concat', node('Concat', ['X', 'X'], ['both'], { axis: 0 })],
    ['Concat', node('Concat', ['X', 'X'], ['both'])],
  ])('a %s before the trees is refused: do it in the clean steps', (opType, step) => {
    const thrown = errorOf(() => importOnnx(fileOf([step, second], { width: 2 })));
    expect(thrown).toBeInstanceOf(UnsupportedModelError);
    expect(thrown.message).toContain(`the operator ${opType} "both" before the trees`);
    expect(thrown.remedy).toContain('clean steps');
  });

  it('circles, columns that double at every step, and inputs that are not there', () => {
    const circle = [node('Identity', ['b'], ['both']), node('Identity', ['both'], ['b']), second];
    expect(() => importOnnx(fileOf(circle))).toThrow('goes in a circle');
    const doubling = Array.from({ length: 60 }, (_, i) =>
      node('Concat', [`v${i}`, `v${i}`], [i === 59 ? 'both' : `v${i + 1}`], { axis: 1 }),
    );
    expect(() => importOnnx(fileOf([...doubling, second], { inputs: [single('v0')] }))).toThrow('steps');
    expect(() => importOnnx(fileOf([treesNode([stump], { input: 'Y' })]))).toThrow(
      'nothing makes the value "Y"',
    );
  });

  it('two ensembles of other features are refused', () => {
    const nodes = [sumOfTrees('a'), sumOfTrees('b', 'Z'), node('Add', ['a', 'b'], ['variable'])];
    expect(() => importOnnx(fileOf(nodes, named(['X', 'Z'])))).toThrow('takes other features than');
  });

  it('65,536 features are the most', () => {
    expect(() => importOnnx(fileOf([sumOfTrees('variable')], { width: 65_537 }))).toThrow(
      '65536 are the most',
    );
    const asked = treesNode([{ ...stump, feature: 65_536 }]);
    expect(() => importOnnx(fileOf([asked], { width: 0 }))).toThrow('65536 are the most');
  });
});

describe('classifiers', () => {
  const shares = { value: 0, yes: [0.25, 0.75], no: [1, 0] };
  const classifier = (options: TreesOptions = {}, tree: typeof shares | typeof stump = shares) =>
    treesNode([tree], { labels: ['no', 'yes'], ...options });
  const outputs = ['label', 'probabilities'];

  it.each(['Identity', 'Cast', 'ZipMap', 'Reshape', 'Normalizer'])(
    '%s behind it changes nothing',
    (opType) => {
      const packed = node(opType, ['probabilities'], ['out']);
      const { model } = importOnnx(fileOf([classifier(), packed], { outputs: ['label', 'out'] }));
      const x = matrixOf([[0], [1]], model);
      expect(Array.from(model.predictProbability(x))).toEqual([0.25, 0.75, 1, 0]);
      expect(model.classes).toEqual(['no', 'yes']);
    },
  );

  it('a product with 1 changes nothing, with another number it is refused', () => {
    const behind = (factor: number) =>
      importOnnx(
        fileOf([classifier(), node('Mul', ['probabilities', 'c'], ['p'])], {
          outputs,
          initializers: [floatTensor('c', [1], [factor])],
        }),
      );
    expect(behind(1).model.classes).toHaveLength(2);
    expect(() => behind(2)).toThrow('the operator Mul "p" behind the trees');
  });

  it('an ensemble beside one is refused', () => {
    expect(() => importOnnx(fileOf([classifier(), sumOfTrees('v')], { outputs }))).toThrow('2 ensembles');
  });

  it('classes are sorted with their shares: numbers by size, names by code unit', () => {
    const of = (labels: string[] | number[]) =>
      importOnnx(fileOf([classifier({ labels })], { outputs })).model;
    expect(of([10, 9]).classes).toEqual(['9', '10']);
    expect(of(['b', 'B']).classes).toEqual(['B', 'b']);
    const model = of([10, 9]);
    expect(Array.from(model.predictProbability(matrixOf([[0]], model)))).toEqual([0.75, 0.25]);
    expect(() => of(['same', 'same'])).toThrow('two of its classes are alike');
  });

  it('one weight of two classes is the share of the second; with LOGISTIC its log odds', () => {
    const one = (attributes: TreesOptions['attributes'] = {}) =>
      importOnnx(fileOf([classifier({ attributes }, { value: 0, yes: [0.2], no: [1] })], { outputs })).model;
    const x = matrixOf([[0], [1]], one());
    expect(Array.from(one().predictProbability(x), (p) => Number(p.toFixed(6)))).toEqual([0.8, 0.2, 0, 1]);
    const logistic = one({ post_transform: 'LOGISTIC', base_values: { floats: [0.5] } });
    const odds = Math.exp(Math.fround(0.2) + 0.5);
    expect(logistic.predictProbability(x)[1]).toBeCloseTo(odds / (1 + odds), 6);
  });

  it('LOGISTIC whose second label sorts first turns its sign', () => {
    const node = classifier(
      { labels: ['yes', 'no'], attributes: { post_transform: 'LOGISTIC' } },
      { value: 0, yes: [2], no: [-1] },
    );
    const { model } = importOnnx(fileOf([node], { outputs }));
    expect(model.classes).toEqual(['no', 'yes']);
    expect(model.predictProbability(matrixOf([[0]], model))[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('SOFTMAX adds base values to scores; one base value goes to all', () => {
    const of = (base: number[]) => {
      const tree = { value: 0, yes: [1, 2, 3], no: [0, 0, 0] };
      const attributes = { post_transform: 'SOFTMAX', base_values: { floats: base } };
      const made = treesNode([tree], { labels: ['a', 'b', 'c'], attributes });
      const { model } = importOnnx(fileOf([made], { outputs }));
      return Array.from(model.predictProbability(matrixOf([[1]], model)));
    };
    expect(of([5])).toEqual(of([0, 0, 0]));
    const based = of([0, 0, Math.fround(Math.log(2))]);
    expect(based[2]).toBeCloseTo(0.5, 6);
  });

  it.each<[string, number[], string]>([
    ['PROBIT', [0.5], 'PROBIT'],
    ['SOFTMAX_ZERO', [0.5, 0.5], 'SOFTMAX_ZERO of 2 scores'],
    ['LOGISTIC', [0.5, 0.5], 'LOGISTIC of 2 scores'],
    ['SOFTMAX', [0.5], 'SOFTMAX of 1 scores'],
  ])('%s with leaves of %j is refused', (post_transform, leaf, message) => {
    const made = treesNode([leaf], { labels: ['a', 'b'], attributes: { post_transform } });
    const thrown = errorOf(() => importOnnx(fileOf([made], { outputs })));
    expect(thrown.message).toContain(`TreeEnsembleClassifier "label": post_transform ${message}`);
    expect(thrown.remedy).toContain('LOGISTIC of one score');
  });

  it('scores where shares belong are refused', () => {
    for (const leaf of [
      [3, 4],
      [-0.5, 1.5],
      [0.2, 0.2],
    ]) {
      const made = treesNode([leaf], { labels: ['a', 'b'] });
      expect(() => importOnnx(fileOf([made], { outputs }))).toThrow('scores, not shares');
    }
  });
});

describe('labels that the graph picks', () => {
  const parts = (more: OnnxNode[], table = stringTensor('classes', ['a', 'b'])): Uint8Array =>
    fileOf(
      [
        treesNode([{ value: 0, yes: [1, 0], no: [0.25, 0.75] }], {
          outputs: ['p'],
          attributes: { n_targets: 2 },
        }),
        node('ArgMax', ['p'], ['index'], { axis: 1, keepdims: 0 }),
        ...more,
      ],
      { initializers: [table], outputs: ['label', 'p'] },
    );
  const gather = node('Gather', ['classes', 'index'], ['label'], { axis: 0 });

  it('by ArgMax and Gather are read, texts and numbers', () => {
    expect(importOnnx(parts([gather])).model.classes).toEqual(['a', 'b']);
    expect(importOnnx(parts([gather], intTensor('classes', [7, 12]))).model.classes).toEqual(['7', '12']);
  });

  it.each<[string, OnnxNode[]]>([
    ['ArgMax', []],
    ['ArgMax', [gather, node('ArgMax', ['p'], ['other'])]],
    ['Exp', [gather, node('Exp', ['p'], ['q'])]],
  ])('in another way are refused: %s', (opType, more) => {
    expect(() => importOnnx(parts(more))).toThrow(`the operator ${opType}`);
  });

  it('need as many labels as there are scores', () => {
    expect(() => importOnnx(parts([gather], stringTensor('classes', ['a'])))).toThrow(
      'makes 2 numbers for 1 classes',
    );
    expect(() => importOnnx(parts([gather], stringTensor('classes', [])))).toThrow('no labels');
  });
});

describe('what the attributes must hold', () => {
  const of = (attributes: TreesOptions['attributes'], trees: Parameters<typeof treesNode>[0] = [stump]) =>
    errorOf(() => importOnnx(fileOf([treesNode(trees, { attributes })])));

  it.each<[NonNullable<TreesOptions['attributes']>, string]>([
    [{ aggregate_function: 'MIN' }, 'the trees are joined by MIN'],
    [{ aggregate_function: 'MAX' }, 'the trees are joined by MAX'],
    [{ n_targets: 2 }, 'predicts 2 numbers a row'],
    [{ n_targets: 0 }, 'has 0 outputs'],
    [{ n_targets: 65_536 }, 'has 65536 outputs'],
    [{ post_transform: 'LOGISTIC' }, 'post_transform LOGISTIC'],
    [{ nodes_featureids: { ints: [0, 0] } }, 'nodes_featureids has 2 entries where 3 are wanted'],
    [{ nodes_modes: ['BRANCH_LEQ', 'LEAF'] }, 'nodes_modes has 2 entries'],
    [{ target_weights: { floats: [1] } }, 'target_weights has 1 entries where 2'],
    [{ target_ids: { ints: [0, 1] } }, 'target_ids holds 1 of 1 outputs'],
    [{ target_nodeids: { ints: [1, 9] } }, 'target_nodeids names node 9 of tree 0'],
    [{ target_treeids: { ints: [0, 4] } }, 'of tree 4, which is not there'],
    [{ target_weights: { floats: [1, Number.POSITIVE_INFINITY] } }, 'target_weights holds Infinity'],
  ])('%j is refused', (attributes, message) => {
    const thrown = of(attributes);
    expect(thrown.message).toContain('TreeEnsembleRegressor "variable": ');
    expect(thrown.message).toContain(message);
    expect(thrown.remedy?.length).toBeGreaterThan(10);
  });

  it('weights of inner nodes are never read, as nothing reads them', () => {
    const attributes = {
      target_treeids: { ints: [0, 0, 0] },
      target_nodeids: { ints: [0, 1, 2] },
      target_ids: { ints: [0, 0, 0] },
      target_weights: { floats: [99, 1, 2] },
    };
    expect(predictions([treesNode([stump], { attributes })])).toEqual([1, 2]);
  });

  it('several weights of one leaf add up', () => {
    const attributes = {
      target_treeids: { ints: [0, 0, 0] },
      target_nodeids: { ints: [1, 1, 2] },
      target_ids: { ints: [0, 0, 0] },
      target_weights: { floats: [1, 4, 2] },
    };
    expect(predictions([treesNode([stump], { attributes })])).toEqual([5, 2]);
  });

  it('hitrates that add up are the training weights; others are left aside', () => {
    const of = (hits: number[]) =>
      importOnnx(fileOf([treesNode([stump], { attributes: { nodes_hitrates: { floats: hits } } })])).model;
    expect(Array.from(of([30, 10, 20]).ensemble!.cover)).toEqual([30, 10, 20]);
    expect(of([30, 10, 20]).notes.join()).not.toContain('equally likely');
    for (const hits of [
      [1, 1, 1],
      [0, 0, 0],
      [30, -10, 40],
    ]) {
      expect(Array.from(of(hits).ensemble!.cover)).toEqual([2, 1, 1]);
      expect(of(hits).notes.join()).toContain('equally likely');
    }
  });

  it('newer trees are named with how to convert them', () => {
    const thrown = errorOf(() =>
      importOnnx(fileOf([node('TreeEnsemble', ['X'], ['variable'], {}, 'ai.onnx.ml')])),
    );
    expect(thrown.remedy).toContain("target_opset={'': 15, 'ai.onnx.ml': 3}");
  });

  it('trees of another domain are none', () => {
    const made = { ...treesNode([stump]), domain: 'com.example' };
    expect(() => importOnnx(fileOf([made]))).toThrow('no ensemble of trees, but TreeEnsembleRegressor');
  });
});

function errorOf(work: () => unknown): Error & { remedy?: string; details?: unknown } {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
