import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importOnnx, UnsupportedModelError } from '../../../../lib/learn/exchange/index.ts';
import type { OnnxModel } from '../../../../lib/learn/exchange/onnx/schema.ts';
import { decodeOnnx, encodeOnnx } from '../../../../lib/learn/exchange/onnx/wire.ts';
import { caseNames, largestDifference, matrixOf, readCase } from './support/cases.ts';

describe('files that converters wrote', () => {
  it('are all here', () => {
    expect(caseNames.length).toBeGreaterThanOrEqual(22);
  });

  it.each(caseNames)('%s answers as onnxruntime does', (name) => {
    const { bytes, rows, predictions, probabilities, labels } = readCase(name);
    const { model } = importOnnx(bytes);
    const x = matrixOf(rows, model);
    if (predictions !== undefined) {
      expect(largestDifference(model.predict(x), predictions)).toBeLessThan(1e-6);
      return;
    }
    expect(largestDifference(model.predictProbability(x), probabilities!.flat())).toBeLessThan(1e-6);
    expect(Array.from(model.predict(x), (k) => model.classes[k])).toEqual(labels!.map(String));
  });

  it.each([
    ['sklearn-forest-zipmap', 'skl2onnx', ['setosa', 'versicolor', 'virginica']],
    ['sklearn-forest', 'skl2onnx', ['3', '8', '13']],
    ['xgboost', 'OnnxMLTools', ['0', '1', '2']],
  ])('%s: producer and classes in order', (name, producer, classes) => {
    const imported = importOnnx(readCase(name).bytes);
    expect(imported.producer).toContain(producer);
    expect(imported.model.classes).toEqual(classes);
    expect(imported.model.algorithm).toBe('imported-ensemble');
  });

  it('a sum of several ensembles is one', () => {
    const { model } = importOnnx(readCase('lightgbm-regressor-split').bytes);
    expect(model.ensemble!.roots.length - 1).toBe(7);
  });

  it('features asked for by equality alone are categories, named by their numbers', () => {
    const { model } = importOnnx(readCase('lightgbm-categories').bytes);
    expect(model.categories?.[1]).toBeUndefined();
    expect(model.categories?.[0]).toContain('33');
    expect(model.notes.join()).toContain('taken for categories');
  });

  it('a forest is a mean of distributions, boosting a sum onto a base', () => {
    const forest = importOnnx(readCase('sklearn-forest').bytes).model.ensemble!;
    expect([forest.aggregate, forest.leaves.kind, forest.outputs]).toEqual(['mean', 'distribution', 3]);
    const boosting = importOnnx(readCase('xgboost-regressor').bytes).model.ensemble!;
    expect([boosting.aggregate, boosting.leaves.kind, boosting.base[0]]).toEqual(['sum', 'value', 120]);
  });
});

describe('options', () => {
  const { bytes, rows } = readCase('sklearn-forest');

  it('name features and classes', () => {
    const { model } = importOnnx(bytes, { features: ['a', 'b', 'c', 'd'], classes: ['x', 'z', 'y'] });
    expect(model.features).toEqual(['a', 'b', 'c', 'd']);
    expect(model.classes).toEqual(['x', 'y', 'z']);
    const plain = importOnnx(bytes).model;
    const [own, other] = [model, plain].map((one) => one.predictProbability(matrixOf(rows.slice(0, 9), one)));
    // The file's second class, 8, is called z here and is the last in order.
    for (let i = 0; i < 9; i++) expect(own![3 * i + 2]).toBe(other![3 * i + 1]);
  });

  it.each([
    [{ features: ['a', 'b'] }, 'takes 4 features, and 2 are named'],
    [{ features: ['a', 'b', 'c', 'a'] }, 'two features are named alike'],
    [{ classes: ['x'] }, '3 classes, and 1 different ones'],
  ])('that do not fit are refused: %j', (options, message) => {
    expect(() => importOnnx(bytes, options)).toThrow(message);
  });

  it('rows give covers: every root has as many as there are rows, and one', () => {
    const { model } = importOnnx(bytes, { rows: (shape) => matrixOf(rows, shape) });
    const { cover, roots } = model.ensemble!;
    for (const root of roots.subarray(0, -1)) expect(cover[root]).toBeCloseTo(rows.length + 1, 4);
    expect(model.notes.join()).toContain('--data');
  });

  it('without rows every leaf counts alike, and the notes say so', () => {
    const { model } = importOnnx(bytes);
    expect(model.ensemble!.cover.every((cover) => cover >= 1)).toBe(true);
    expect(model.notes.join()).toContain('equally likely');
    expect(model.importance().reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });
});

describe('what is not done here is refused by name', () => {
  const folder = new URL('../../../fixtures/learn/exchange/', import.meta.url);
  const read = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder)));

  it.each([
    ['refused-scaler', 'Scaler', 'Convert the trees alone'],
    ['refused-poisson', 'Exp', 'objective'],
  ])('%s', (name, operator, remedy) => {
    const thrown = errorOf(() => importOnnx(read(name))) as UnsupportedModelError;
    expect(thrown).toBeInstanceOf(UnsupportedModelError);
    expect(thrown.message).toContain(operator);
    expect(thrown.remedy).toContain(remedy);
  });

  it.each<[string, (model: OnnxModel) => void, string]>([
    [
      'an unknown mode',
      (m) => {
        attribute(m, 'nodes_modes').strings[0] = 'BRANCH_MAYBE';
      },
      'BRANCH_MAYBE',
    ],
    [
      'another transform',
      (m) => {
        attribute(m, 'post_transform').string = 'PROBIT';
      },
      'PROBIT',
    ],
    [
      'newer trees',
      (m) => {
        m.graph!.nodes[0]!.opType = 'TreeEnsemble';
      },
      'TreeEnsemble',
    ],
    [
      'no trees',
      (m) => {
        m.graph!.nodes = [];
      },
      'no ensemble of trees',
    ],
  ])('%s', (_, change, message) => {
    expect(() => importOnnx(changed('sklearn-forest', change))).toThrow(message);
  });
});

describe('damaged files are refused, saying where', () => {
  it.each<[string, (model: OnnxModel) => void, string]>([
    [
      'a child that is not there',
      (m) => {
        attribute(m, 'nodes_truenodeids').ints[0] = 999;
      },
      'no node 999',
    ],
    [
      'a circle',
      (m) => {
        attribute(m, 'nodes_truenodeids').ints[0] = 0;
      },
      'circle',
    ],
    ['lists of other lengths', (m) => void attribute(m, 'nodes_values').floats.pop(), 'nodes_values'],
    [
      'a class that is not there',
      (m) => {
        attribute(m, 'class_ids').ints[0] = 7;
      },
      'class_ids holds 7',
    ],
    [
      'a feature below 0',
      (m) => {
        attribute(m, 'nodes_featureids').ints[0] = -1;
      },
      'feature -1',
    ],
    [
      'a weight that is no number',
      (m) => {
        attribute(m, 'class_weights').floats[0] = Number.NaN;
      },
      'NaN',
    ],
    [
      'a threshold that is no number',
      (m) => {
        attribute(m, 'nodes_values').floats[0] = Number.NaN;
      },
      'not a number',
    ],
    [
      'a node twice',
      (m) => {
        attribute(m, 'nodes_nodeids').ints[1] = 0;
      },
      'two nodes 0',
    ],
    ['a leaf without weight', dropWeights, 'has no weight'],
  ])('%s', (_, change, message) => {
    const thrown = errorOf(() => importOnnx(changed('sklearn-forest', change))) as Error;
    expect(thrown.message).toContain(message);
    expect(thrown.message).toContain('TreeEnsembleClassifier');
  });

  it('bytes that are no ONNX', () => {
    for (const bytes of [
      new Uint8Array(),
      Uint8Array.of(1, 2, 3),
      new TextEncoder().encode('{"name":"RFClassifier"}'),
    ]) {
      expect(() => importOnnx(bytes)).toThrow('not an ONNX model');
    }
  });

  it('a file that asks for feature 2 to the 40', () => {
    const bytes = changed('sklearn-forest', (model) => {
      attribute(model, 'nodes_featureids').ints[0] = 2 ** 40;
      model.graph!.inputs[0]!.type!.tensor!.shape!.dims[1]!.size = 0;
    });
    expect(() => importOnnx(bytes)).toThrow('features');
  });
});

const attribute = (model: OnnxModel, name: string) =>
  model.graph!.nodes[0]!.attributes.find((one) => one.name === name)!;

function dropWeights(model: OnnxModel): void {
  for (const name of ['class_ids', 'class_nodeids', 'class_treeids'])
    attribute(model, name).ints.splice(0, 3);
  attribute(model, 'class_weights').floats.splice(0, 3);
}

function changed(name: string, change: (model: OnnxModel) => void): Uint8Array {
  const model = decodeOnnx(readCase(name).bytes);
  change(model);
  return encodeOnnx(model);
}

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
