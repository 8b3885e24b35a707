import { describe, expect, it } from 'vitest';
import { BadDefinitionError, IntegrityError } from '../../../../lib/errors/index.ts';
import { IMPORTED, importOnnx, preparationOf } from '../../../../lib/learn/exchange/index.ts';
import {
  explainRawRows,
  getTrainer,
  predictRows,
  readModelFile,
  trainerNames,
  writeModelFile,
} from '../../../../lib/learn/index.ts';
import { caseNames, largestDifference, matrixOf, readCase } from './support/cases.ts';

const written = (name: string): Uint8Array => {
  const { model } = importOnnx(readCase(name).bytes);
  const { preprocessing, rowSchema, target } = preparationOf(model, {}, 'answer');
  return writeModelFile({ name, model, preprocessing, rowSchema, target, params: {}, seed: 0 });
};

describe('an imported model in its file', () => {
  it.each(caseNames)('%s is read back as it was, and answers as onnxruntime does', (name) => {
    const { rows, predictions, probabilities } = readCase(name);
    const bytes = written(name);
    const { model, manifest } = readModelFile(bytes);
    expect(manifest.algorithm).toBe(IMPORTED);
    expect(manifest.facts.source).toMatchObject({ format: 'onnx' });
    expect(model.notes[0]).toContain('trained elsewhere');
    const x = matrixOf(rows, model);
    const [found, expected] = predictions
      ? [model.predict(x), predictions]
      : [model.predictProbability(x), probabilities!.flat()];
    expect(largestDifference(found, expected)).toBeLessThan(1e-6);
    expect(written(name)).toEqual(bytes);
  });

  it('is damaged where any of its sections is', () => {
    const bytes = written('xgboost');
    for (let i = 1; i <= 20; i++) {
      const changed = bytes.slice();
      changed[Math.floor((i * (bytes.length - 1)) / 20)]! ^= 0x10;
      expect(() => readModelFile(changed)).toThrow(IntegrityError);
    }
  });

  it('is explained: contributions add up to the score from what is expected', () => {
    const loaded = readModelFile(written('lightgbm-categories'));
    const row = Object.fromEntries([
      ['f0', 33],
      ['f1', 0.25],
      ['f2', 1],
    ]);
    const { explanation } = explainRawRows(loaded, [row, { ...row, f1: null }]);
    expect(explanation.features).toEqual(['f0', 'f1', 'f2']);
    const { predictions } = predictRows(loaded, [row, { ...row, f1: null }]);
    for (const [i, { prediction }] of predictions.entries()) {
      const parts = explanation.contributions.subarray(3 * i, 3 * i + 3);
      expect(parts.some((part) => part !== 0)).toBe(true);
      expect(parts.reduce((sum, part) => sum + part, explanation.base[0]!)).toBeCloseTo(
        prediction as number,
        5,
      );
    }
  });
});

describe('as an algorithm', () => {
  const trainer = getTrainer(IMPORTED);

  it('is read and never trained, and no name to choose from', () => {
    expect(trainerNames).not.toContain(IMPORTED);
    const x = { rowCount: 1, names: ['a'], columns: [Float64Array.of(1)] };
    const works: (() => unknown)[] = [
      () => trainer.parseParams({}),
      () => trainer.checkSize(1, 1, {}),
      () => trainer.fit(x, { task: 'regression', values: Float64Array.of(1) }, {}, { seed: 1 }),
    ];
    for (const work of works) {
      let thrown: unknown;
      try {
        work();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(BadDefinitionError);
      expect((thrown as BadDefinitionError).remedy).toContain('arboleda model import');
    }
  });

  it('takes categories and gaps without a step', () => {
    expect([trainer.nativeCategories, trainer.nativeMissing]).toEqual([true, true]);
  });
});
