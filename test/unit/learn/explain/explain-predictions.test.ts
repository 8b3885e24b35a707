import { describe, expect, it } from 'vitest';
import {
  explainLimits,
  explainPredictions,
  mostExplainedRows,
  NotExplainableError,
  TooManyRowsToExplainError,
} from '../../../../lib/learn/explain/explain-predictions.ts';
import type { LoadedModel } from '../../../../lib/learn/index.ts';
import { houseFile, load, sampleRows, treeFile } from '../model-fixture.ts';
import { thrownBy } from '../support.ts';

/** The loaded model as if its trees had so many nodes. */
const sized = (
  loaded: LoadedModel,
  nodes: number,
  outputs = loaded.model.ensemble!.outputs,
): LoadedModel => ({
  ...loaded,
  model: {
    ...loaded.model,
    ensemble: { ...loaded.model.ensemble!, outputs, roots: Uint32Array.of(0, nodes) },
  },
});

describe('explainPredictions', () => {
  it('says what each column added, in the units of the answer', async () => {
    const loaded = await load(houseFile());
    const row = { area: 80, rooms: 3, quarter: 'north', age: 12 };
    const [a, b] = explainPredictions(loaded, [row, { ...row, area: 81, quarter: 'harbour' }]);
    const [before, after] = [a!, b!].map((one) => one.contributions as Record<string, number>);
    // The fixture's price: 1,000 a square metre, 40,000 for the harbour.
    expect((after!.area! - before!.area!) / 1_000).toBeCloseTo(1, 1);
    expect((after!.quarter! - before!.quarter!) / 40_000).toBeCloseTo(1, 1);
    expect(after!.rooms).toBeCloseTo(before!.rooms!, 6);
    expect(a!.base).toBe(b!.base);
  });

  it('speaks of the second of two classes as log-odds', async () => {
    const loaded = await load(treeFile('gradient-boosting', { rounds: 5 }));
    const two: LoadedModel = {
      ...loaded,
      model: { ...loaded.model, classes: ['no', 'yes'], ensemble: await binaryTrees() },
    };
    const [why] = explainPredictions(two, [{ height: 12, leaf: 'broad' }]);
    expect(why!.space).toBe('log-odds');
    expect(Object.keys(why!.output)).toEqual(['yes']);
  });

  it('answers nothing to no rows', async () => {
    expect(explainPredictions(await load(houseFile()), [])).toEqual([]);
  });

  it('passes on what is wrong with a row', async () => {
    const loaded = await load(houseFile('random-forest', { trees: 3 }));
    const rows = [...sampleRows(loaded), { area: 'wide', rooms: 1, quarter: 'north', age: 3 }];
    expect(thrownBy(() => explainPredictions(loaded, rows))).toMatchObject({ field: 'rows[3].area' });
  });
});

describe('how many rows one request may have explained', () => {
  it('is counted in nodes walked', async () => {
    const loaded = await load(houseFile('random-forest', { trees: 3 }));
    expect(mostExplainedRows(sized(loaded, 1_000_000))).toBe(40);
    expect(mostExplainedRows(sized(loaded, 30_000_000))).toBe(1);
    expect(mostExplainedRows(sized(loaded, 50_000_000))).toBe(1);
  });

  it('is refused with how many there may be, before any work', async () => {
    const loaded = sized(await load(houseFile('random-forest', { trees: 3 })), 20_000_000);
    const error = thrownBy(() => explainPredictions(loaded, sampleRows(loaded)));
    expect(error).toBeInstanceOf(TooManyRowsToExplainError);
    expect(error).toMatchObject({
      code: 'TOO_MANY_ROWS_TO_EXPLAIN',
      status: 413,
      field: 'rows',
      details: { rows: 3, limit: 2 },
    });
  });

  it('counts a walk for each eight classes that the leaves hold', async () => {
    const loaded = await load(treeFile('random-forest', { trees: 3 }));
    expect(mostExplainedRows(sized(loaded, 1_000_000, 8))).toBe(40);
    expect(mostExplainedRows(sized(loaded, 1_000_000, 9))).toBe(20);
    expect(thrownBy(() => mostExplainedRows(sized(loaded, 8_000_000, 100)))).toBeInstanceOf(
      NotExplainableError,
    );
  });

  it('is bounded by what an answer holds, for a model without trees too', async () => {
    const loaded = await load(houseFile());
    expect(mostExplainedRows(loaded)).toBe(explainLimits.numbers / 4);
  });

  it('is none for a model that has neither trees nor coefficients', async () => {
    const loaded = await load(houseFile('ml-random-forest', { trees: 3 }));
    expect(thrownBy(() => explainPredictions(loaded, sampleRows(loaded)))).toMatchObject({
      code: 'NOT_EXPLAINABLE',
      status: 422,
    });
  });
});

/** The trees of a model of two classes over the features of the tree fixture. */
async function binaryTrees() {
  const { ensemble } = (await load(treeFile('gradient-boosting', { rounds: 5 }))).model;
  const { leaves } = ensemble!;
  if (leaves.kind !== 'value') throw new Error('boosting has numbers in its leaves');
  const treeOutputs = new Uint16Array(leaves.treeOutputs.length);
  return { ...ensemble!, outputs: 1, base: Float64Array.of(0), leaves: { ...leaves, treeOutputs } };
}
