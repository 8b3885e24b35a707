import { describe, expect, it } from 'vitest';
import { type LoadedModel, predictRows, toMatrix } from '../../../lib/learn/index.ts';
import { applyPreprocessing, rowsToTable } from '../../../lib/table/index.ts';
import { houseFile, load, sampleRows, treeFile } from './model-fixture.ts';
import { thrownBy } from './support.ts';

const house = { area: 80, rooms: 3, quarter: 'harbour', age: 12 };

describe('predictRows on numbers', () => {
  it('prepares the rows as in training and answers one number each', async () => {
    const loaded = await load(houseFile());
    const { predictions, warnings } = predictRows(loaded, [house, { ...house, area: 81 }]);
    expect(warnings).toEqual([]);
    expect(Object.keys(predictions[0]!)).toEqual(['prediction']);
    const [first, second] = predictions.map(({ prediction }) => prediction as number);
    expect(first! / (80_000 + 15_000 + 40_000 - 1_200)).toBeCloseTo(1, 2);
    expect((second! - first!) / 1000).toBeCloseTo(1, 1);
  });

  it("gives the model's own answer on the prepared columns", async () => {
    const loaded = await load(houseFile('ml-random-forest', { trees: 4 }));
    const rows = sampleRows(loaded);
    const prepared = applyPreprocessing(
      loaded.manifest.preprocessing,
      rowsToTable(loaded.manifest.preprocessing, rows).table,
    );
    const direct = loaded.model.predict(toMatrix(prepared, { target: 'price' }));
    expect(predictRows(loaded, rows).predictions.map(({ prediction }) => prediction)).toEqual([...direct]);
  });

  it('answers no rows with nothing', async () => {
    expect(predictRows(await load(houseFile()), [])).toEqual({ predictions: [], warnings: [] });
  });

  it('fills what training filled, and says so', async () => {
    const { predictions, warnings } = predictRows(await load(houseFile()), [{ ...house, age: null }]);
    expect(Number.isFinite(predictions[0]!.prediction)).toBe(true);
    expect(warnings).toMatchObject([{ row: 0, field: 'age', code: 'missing_value' }]);
  });

  it('does not look at a target that is sent', async () => {
    const loaded = await load(houseFile());
    expect(predictRows(loaded, [{ ...house, price: 1 }])).toEqual(predictRows(loaded, [house]));
  });

  it('names the field that is wrong', async () => {
    const loaded = await load(houseFile());
    expect(thrownBy(() => predictRows(loaded, [house, { ...house, area: 'big' }]))).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'rows[1].area',
    });
    expect(thrownBy(() => predictRows(loaded, [null])).code).toBe('INVALID_INPUT');
  });
});

describe('predictRows on classes', () => {
  it('answers the class by name, with a probability under each name', async () => {
    const { predictions } = predictRows(await load(treeFile()), [
      { height: 20, leaf: 'broad' },
      { height: 12, leaf: 'needle' },
    ]);
    expect(predictions.map(({ prediction }) => prediction)).toEqual(['birch', '__proto__']);
    for (const { prediction, probabilities } of predictions) {
      expect(Object.keys(probabilities!)).toEqual(['__proto__', 'alder', 'birch']);
      const shares = Object.entries(probabilities!);
      expect(shares.reduce((sum, [, share]) => sum + share, 0)).toBeCloseTo(1, 12);
      expect(shares.sort((a, b) => b[1] - a[1])[0]![0]).toBe(prediction);
    }
  });

  it('holds a class named __proto__ as a key of its own, in JSON too', async () => {
    const { predictions } = predictRows(await load(treeFile('ml-random-forest', { trees: 5 })), [
      { height: 12, leaf: 'needle' },
    ]);
    const { probabilities } = predictions[0]!;
    expect(Object.getPrototypeOf(probabilities)).toBe(Object.prototype);
    expect(Object.hasOwn(probabilities!, '__proto__')).toBe(true);
    expect(JSON.stringify(probabilities)).toMatch(/^\{"__proto__":(1|0\.\d+),"alder":/);
  });

  it('answers numbers where the target is declared as numbers', async () => {
    const loaded = await load(treeFile());
    const renamed = (change: Record<string, unknown>): LoadedModel => ({
      model: { ...loaded.model, classes: ['0', '1', '2'] },
      manifest: {
        ...loaded.manifest,
        classes: ['0', '1', '2'],
        rowSchema: {
          columns: loaded.manifest.rowSchema.columns.map((column) =>
            column.name === 'kind' ? { ...column, ...change } : column,
          ),
        },
      },
    });
    const answer = (change: Record<string, unknown>) =>
      predictRows(renamed(change), [{ height: 20, leaf: 'broad' }]).predictions[0]!;
    expect(answer({ kind: 'integer' }).prediction).toBe(2);
    expect(answer({ kind: 'category', numericCategories: true }).prediction).toBe(2);
    expect(answer({ kind: 'category' }).prediction).toBe('2');
    expect(Object.keys(answer({ kind: 'integer' }).probabilities!)).toEqual(['0', '1', '2']);
  });
});
