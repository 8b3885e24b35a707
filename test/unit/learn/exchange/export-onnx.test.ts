import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildEnsemble } from '../../../../lib/learn/ensemble/build.ts';
import { ensembleModel } from '../../../../lib/learn/ensemble/model.ts';
import { exportOnnx, INPUT, importOnnx, NotExportableError } from '../../../../lib/learn/exchange/index.ts';
import type { AttributeValue } from '../../../../lib/learn/exchange/onnx/make.ts';
import type { OnnxModel, OnnxNode } from '../../../../lib/learn/exchange/onnx/schema.ts';
import { decodeOnnx } from '../../../../lib/learn/exchange/onnx/wire.ts';
import { getTrainer, type Model } from '../../../../lib/learn/index.ts';
import { largestDifference } from './support/cases.ts';
import { grownModel, kinds, rowsFor } from './support/ensembles.ts';
import { linearModel, ownMatrix, ownModels, ownRows } from './support/own-models.ts';
import { runGraph } from './support/run-graph.ts';

const folder = new URL('../../../fixtures/learn/exchange/ours/', import.meta.url);
const names = Object.keys(ownModels);
const exported = (model: Model): OnnxModel => decodeOnnx(exportOnnx(model));
const metadataOf = ({ metadata }: OnnxModel) =>
  Object.fromEntries(metadata.map(({ key, value }) => [key, value]));

/** A node as one reads it: its operator, what goes in and out, and its attributes. */
const readable = ({ opType, inputs, outputs, attributes }: OnnxNode) => ({
  step: `${inputs.join(', ')} → ${opType} → ${outputs.join(', ')}`,
  ...Object.fromEntries(
    attributes.map(({ name, type, int, string, floats, ints, strings }) => [
      name,
      { 2: int, 3: string, 6: floats, 7: ints, 8: strings }[type],
    ]),
  ),
});

const answersOf = (model: Model, rows: readonly (readonly (number | null)[])[]): Float64Array => {
  const x = ownMatrix(model, rows);
  return model.task === 'regression' ? model.predict(x) : model.predictProbability(x);
};

describe('onnxruntime answers as we do', () => {
  it('to every model that is here', () => {
    const files = readdirSync(folder);
    expect(
      files
        .filter((file) => file.endsWith('.onnx'))
        .map((file) => file.slice(0, -5))
        .sort(),
    ).toEqual([...names].sort());
  });

  it.each(names)('%s', (name) => {
    const model = ownModels[name]!();
    const bytes = new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder)));
    expect(exportOnnx(model, { name, target: 'answer' })).toEqual(bytes);
    const { rows, answers, labels } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as {
      rows: (number | null)[][];
      answers: number[][];
      labels?: string[];
    };
    expect(rows).toEqual(ownRows(model));
    expect(largestDifference(answersOf(model, rows), answers.flat())).toBeLessThan(1e-6);
    if (labels === undefined) return;
    const picked = Array.from(model.predict(ownMatrix(model, rows)), (k) => model.classes[k]);
    expect(picked).toEqual(labels);
  });
});

describe('the graph, run as the specification describes its operators, answers as the model', () => {
  it.each(names)('%s', (name) => {
    const model = ownModels[name]!();
    const rows = ownRows(model);
    const outputs = runGraph(
      exported(model),
      rows.map((row) => row.map((cell) => cell ?? Number.NaN)),
    );
    const found = (outputs.variable ?? outputs.probabilities)!.cells as number[];
    expect(largestDifference(answersOf(model, rows), found)).toBeLessThan(1e-6);
    if (model.task === 'regression') return;
    const picked = Array.from(model.predict(ownMatrix(model, rows)), (k) => model.classes[k]);
    expect(outputs.label!.cells).toEqual(picked);
  });

  it.each(kinds)('many random forests of %s, %i outputs', (link, outputs) => {
    for (let seed = 100; seed < 130; seed++) {
      const model = grownModel(seed, link, outputs);
      const x = rowsFor(seed, model, 40);
      const rows = Array.from({ length: 40 }, (_, i) => x.columns.map((column) => column[i]!));
      const made = runGraph(exported(model), rows);
      const found = (made.variable ?? made.probabilities)!.cells as number[];
      const own = link === 'identity' ? model.predict(x) : model.predictProbability(x);
      expect(largestDifference(own, found)).toBeLessThan(1e-6);
    }
  });
});

/** x0 <= 1.5 (missing left) ? (kind in {b} ? 1 : 2) : 3, of 20, 8, 12, 5 and 3 rows. */
function handModel(missingLeft = true): Model {
  const ensemble = buildEnsemble({
    featureCount: 2,
    categoryCounts: [0, 3],
    aggregate: 'sum',
    base: [0.5],
    trees: [
      {
        feature: [0, 1, -1, -1, -1],
        threshold: [1.5, 0, 0, 0, 0],
        left: [1, 3, 0, 0, 0],
        right: [2, 4, 0, 0, 0],
        missingLeft: [missingLeft, false, false, false, false],
        categories: [undefined, [1, 2], undefined, undefined, undefined],
        value: [0, 0, 3, 1, 2],
        cover: [20, 8, 12, 5, 3],
      },
    ],
  });
  return ensembleModel({
    algorithm: 'gradient-boosting',
    task: 'regression',
    features: ['size', 'kind'],
    categories: [undefined, ['a', 'b', 'c']],
    classes: [],
    ensemble,
    importance: Float64Array.of(0.5, 0.5),
    notes: ['by hand'],
    link: 'identity',
  });
}

describe('what is in a file', () => {
  it('the trees, node by node: a set is a chain of BRANCH_EQ on the side that missing values do not go to', () => {
    const [trees, ...rest] = exported(handModel()).graph!.nodes;
    expect(rest).toEqual([]);
    expect(trees!.domain).toBe('ai.onnx.ml');
    const chain = [
      // place, asks, of, yes, no
      [0, 'BRANCH_LEQ', 0, 1.5],
      [1, 'BRANCH_EQ', 1, 1],
      [5, 'BRANCH_EQ', 1, 2],
    ];
    const read = readable(trees!) as unknown as Record<string, (number | string)[]>;
    for (const [id, mode, feature, value] of chain) {
      const at = read.nodes_nodeids!.indexOf(id!);
      expect([read.nodes_modes![at], read.nodes_featureids![at], read.nodes_values![at]]).toEqual([
        mode,
        feature,
        value,
      ]);
    }
    const childrenOf = (id: number) => {
      const at = read.nodes_nodeids!.indexOf(id);
      return [read.nodes_truenodeids![at], read.nodes_falsenodeids![at]];
    };
    // The root's missing values track true; b leads to the left child, else c is asked, then what is left goes right.
    expect(read.nodes_missing_value_tracks_true![read.nodes_nodeids!.indexOf(0)]).toBe(1);
    const [asked, three] = childrenOf(0);
    expect(asked).toBe(1);
    const [one, next] = childrenOf(1);
    expect(next).toBe(5);
    const [same, two] = childrenOf(5);
    expect(same).toBe(one);
    const weightOf = (leaf: unknown) => read.target_weights![read.target_nodeids!.indexOf(leaf as number)];
    expect([one, two, three].map(weightOf)).toEqual([1, 2, 3]);
    const hitsOf = (id: unknown) => read.nodes_hitrates![read.nodes_nodeids!.indexOf(id as number)];
    expect([0, 1, 5, one, two, three].map(hitsOf)).toEqual([20, 8, 8, 5, 3, 12]);
    expect(read).toMatchObject({
      step: 'features → TreeEnsembleRegressor → variable',
      n_targets: 1,
      aggregate_function: 'SUM',
      post_transform: 'NONE',
      base_values: [0.5],
    });
  });

  it('missing values that go right track no branch of true', () => {
    const [trees] = exported(handModel(false)).graph!.nodes;
    const read = readable(trees!) as unknown as { nodes_missing_value_tracks_true: number[] };
    expect(read.nodes_missing_value_tracks_true.every((one) => one === 0)).toBe(true);
  });

  it('the leaves of a tree have values of their own, as onnxruntime joins chains of leaves that are alike', () => {
    for (const [link, outputs] of kinds) {
      const [trees] = exported(grownModel(3, link, outputs)).graph!.nodes;
      const read = readable(trees!) as unknown as Record<string, (number | string)[]>;
      const values = read.nodes_modes!.flatMap((mode, i) =>
        mode === 'LEAF' ? [`${read.nodes_treeids![i]}: ${read.nodes_values![i]}`] : [],
      );
      expect(new Set(values).size).toBe(values.length);
    }
  });

  it('the names of input and outputs, their types and widths', () => {
    const shapeOf = ({ type }: { type?: unknown }) => {
      const { tensor } = type as {
        tensor: { elementType: number; shape: { dims: { size: number; symbol: string }[] } };
      };
      return [tensor.elementType, ...tensor.shape.dims.map(({ size, symbol }) => symbol || size)];
    };
    const shapes = (model: Model) => {
      const { inputs, outputs } = exported(model).graph!;
      return [...inputs, ...outputs].map((one) => [one.name, ...shapeOf(one)]);
    };
    expect(shapes(handModel())).toEqual([
      [INPUT, 1, 'N', 2],
      ['variable', 1, 'N', 1],
    ]);
    expect(shapes(grownModel(1, 'softmax', 4))).toEqual([
      [INPUT, 1, 'N', 4],
      ['label', 8, 'N'],
      ['probabilities', 1, 'N', 4],
    ]);
  });

  it('versions that runtimes since 2021 know', () => {
    const { irVersion, opsets, producerName } = exported(handModel());
    expect({ irVersion, opsets, producerName }).toEqual({
      irVersion: 8,
      opsets: [
        { domain: '', version: 15 },
        { domain: 'ai.onnx.ml', version: 3 },
      ],
      producerName: 'arboleda',
    });
  });

  it.each<[string, () => Model, string[]]>([
    [
      'shares',
      () => grownModel(1, 'none', 3),
      [
        'features → TreeEnsembleRegressor → probabilities',
        'probabilities → ArgMax → index',
        'classes, index → Gather → label',
      ],
    ],
    [
      'log odds',
      () => grownModel(1, 'logistic', 1),
      [
        'features → TreeEnsembleRegressor → logit',
        'logit, second → Mul → scores',
        'scores → Softmax → probabilities',
        'scores → ArgMax → index',
        'classes, index → Gather → label',
      ],
    ],
    [
      'a linear regression',
      ownModels['linear-regression']!,
      [
        'features → Cast → doubles',
        'doubles, coefficients → MatMul → product',
        'product, intercept → Add → sum',
        'sum → Cast → variable',
      ],
    ],
    [
      'a logistic regression of categories',
      ownModels['logistic-two-categories']!,
      [
        'features, at_0 → Gather → columns_0',
        'features, at_1 → Gather → columns_1',
        'columns_1, codes_1 → Equal → equal_1',
        'equal_1 → Cast → dummies_1',
        'features, at_2 → Gather → columns_2',
        'features, at_4 → Gather → columns_4',
        'columns_4, codes_4 → Equal → equal_4',
        'equal_4 → Cast → dummies_4',
        'columns_0, dummies_1, columns_2, dummies_4 → Concat → design',
        'design → LinearClassifier → label, probabilities',
      ],
    ],
  ])('the steps of %s', (_, make, steps) => {
    expect(exported(make()).graph!.nodes.map((one) => readable(one).step)).toEqual(steps);
  });

  it('a forest is a mean, so that votes are not a sum of rounded fractions', () => {
    expect(readable(exported(grownModel(1, 'none', 3)).graph!.nodes[0]!)).toMatchObject({
      aggregate_function: 'AVERAGE',
    });
  });

  it('linear coefficients as doubles, bit by bit', () => {
    const { initializers } = exported(linearModel(Float64Array.of(1 / 3, 0.1), Math.PI)).graph!;
    expect(initializers.map(({ name, dims, doubleData }) => [name, dims, doubleData])).toEqual([
      ['coefficients', [2, 1], [1 / 3, 0.1]],
      ['intercept', [1], [Math.PI]],
    ]);
  });

  it('a class that training never saw has the probability 0 and the smallest score', () => {
    const last = readable(exported(ownModels['logistic-two-of-three']!()).graph!.nodes[0]!) as Record<
      string,
      AttributeValue
    >;
    expect(last).toMatchObject({ post_transform: 'SOFTMAX', classlabels_strings: ['a', 'never', 'z'] });
    const { intercepts, coefficients } = last as unknown as Record<string, number[]>;
    expect([intercepts![0], intercepts![1]]).toEqual([0, Math.fround(-1e30)]);
    // The first of two has the score 0, and the class in between nothing but its intercept.
    expect(coefficients!.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(coefficients!.slice(6).every((one) => one !== 0)).toBe(true);
  });

  it('metadata: names, and all that restores the rows', () => {
    const model = handModel();
    const rowSchema = { columns: [{ name: 'size', kind: 'number' as const, nullable: true }] };
    const preprocessing = { format: 'arboleda-preprocessing' } as never;
    const file = decodeOnnx(exportOnnx(model, { name: 'houses', target: 'price', rowSchema, preprocessing }));
    expect(file.graph!.name).toBe('houses');
    expect(metadataOf(file)).toEqual({
      features: '["size","kind"]',
      categories: '[null,["a","b","c"]]',
      target: '"price"',
      algorithm: '"gradient-boosting"',
      'arboleda.notes': '["by hand"]',
      'arboleda.preprocessing': '{"format":"arboleda-preprocessing"}',
      'arboleda.rowSchema': '{"columns":[{"kind":"number","name":"size","nullable":true}]}',
    });
  });

  it('says nothing of what there is not', () => {
    expect(Object.keys(metadataOf(exported(ownModels['linear-regression']!()))).sort()).toEqual([
      'algorithm',
      'features',
    ]);
    expect(metadataOf(exported(ownModels['logistic-three']!())).classes).toBe('["a","b","c"]');
  });
});

describe('edges', () => {
  it('an ensemble without trees is its base', () => {
    const ensemble = buildEnsemble({ featureCount: 1, aggregate: 'sum', base: [7.25], trees: [] });
    const model = ensembleModel({
      algorithm: 'gradient-boosting',
      task: 'regression',
      features: ['x'],
      classes: [],
      ensemble,
      importance: new Float64Array(1),
      link: 'identity',
    });
    expect(runGraph(exported(model), [[3]]).variable!.cells).toEqual([7.25]);
    expect(
      importOnnx(exportOnnx(model)).model.predict({
        rowCount: 1,
        names: ['x'],
        columns: [Float64Array.of(3)],
      }),
    ).toEqual(Float64Array.of(7.25));
  });

  it.each([
    [[], true],
    [[0, 1, 2], true],
    [[], false],
    [[0, 1, 2], false],
  ])('the set %j, missing left: %s, is a question all the same', (set, missingLeft) => {
    const trees = [
      {
        feature: [0, -1, -1],
        threshold: [0, 0, 0],
        left: [1, 0, 0],
        right: [2, 0, 0],
        missingLeft: [missingLeft, false, false],
        categories: [set, undefined, undefined],
        value: [0, 1, 2],
      },
    ];
    const model = ensembleModel({
      algorithm: 'random-forest',
      task: 'regression',
      features: ['kind'],
      categories: [['a', 'b', 'c']],
      classes: [],
      ensemble: buildEnsemble({ featureCount: 1, categoryCounts: [3], aggregate: 'mean', trees }),
      importance: new Float64Array(1),
      link: 'identity',
    });
    const rows = [[0], [1], [2], [Number.NaN]];
    const x = ownMatrix(model, rows);
    const found = runGraph(exported(model), rows).variable!.cells;
    expect(found).toEqual(Array.from(model.predict(x)));
    const again = importOnnx(exportOnnx(model)).model;
    expect(Array.from(again.predict({ ...x, categories: again.categories! }))).toEqual(found);
    expect(again.categories).toEqual([['a', 'b', 'c']]);
  });

  it('a forest that ml-random-forest trained is exported too', () => {
    const columns = [0, 1].map((j) =>
      Float64Array.from({ length: 90 }, (_, i) => ((i * (j === 0 ? 37 : 71)) % 97) / 4),
    );
    const x = { rowCount: 90, names: ['a', 'b'], columns };
    const trainer = getTrainer('ml-random-forest');
    const params = trainer.parseParams({ trees: 5 });
    const number = trainer.fit(
      x,
      { task: 'regression', values: columns[0]!.map((a, i) => a - columns[1]![i]!) },
      params,
      { seed: 1 },
    );
    const values = Int32Array.from(columns[0]!, (a, i) => (a > columns[1]![i]! ? 2 : i % 2));
    const classes = trainer.fit(x, { task: 'classification', classes: ['p', 'q', 'r'], values }, params, {
      seed: 1,
    });
    const rows = Array.from({ length: 90 }, (_, i) => columns.map((column) => column[i]!));
    expect(
      largestDifference(number.predict(x), runGraph(exported(number), rows).variable!.cells as number[]),
    ).toBeLessThan(1e-6);
    const shares = runGraph(exported(classes), rows).probabilities!.cells as number[];
    expect(largestDifference(classes.predictProbability(x), shares)).toBeLessThan(1e-6);
    const again = importOnnx(exportOnnx(classes)).model;
    expect(
      largestDifference(again.predictProbability(x), Array.from(classes.predictProbability(x))),
    ).toBeLessThan(1e-6);
  });

  it('a model that is neither trees nor linear is refused by its algorithm', () => {
    const { ensemble: _, ...rest } = handModel();
    const thrown = () => exportOnnx({ ...rest, algorithm: 'nearest-neighbours' });
    expect(thrown).toThrow(NotExportableError);
    expect(thrown).toThrow('nearest-neighbours');
  });

  it('linear models cannot be imported, and the message says what there is', () => {
    expect(() => importOnnx(exportOnnx(ownModels['linear-regression']!()))).toThrow(
      'no ensemble of trees, but Cast, MatMul, Add',
    );
    expect(() => importOnnx(exportOnnx(ownModels['logistic-three']!()))).toThrow('LinearClassifier');
  });
});
