import { describe, expect, it } from 'vitest';
import { labels, numbers } from '../support.ts';
import { boosted, logLoss, meanSquare, peerData } from './support.ts';

/** What bench/boosting-probe/fixture.py printed: LightGBM 4.7, scikit-learn 1.9. */
const lightgbm = {
  regression: [
    41.534350936480585, 63.826067828593935, 68.72529993157428, 99.61760883780579, 21.693881309498785,
    96.30377747385464, 29.502088558331156, 28.691210681033063,
  ],
  binary: [
    0.5167404316928615, 0.5305332179652298, 0.6168487216766673, 0.6168487216766673, 0.5167404316928615,
    0.6168487216766673, 0.5167404316928615, 0.5167404316928615,
  ],
  multiclass: [
    0.3047295117218658, 0.3167626312038733, 0.3785078570742609, 0.25211721307349816, 0.37625003210822516,
    0.37163275481827673, 0.2681605803545706, 0.3337741721418613, 0.39806524750356825, 0.24024154403562295,
    0.2951178476189489, 0.4646406083454281,
  ],
};
/** LightGBM's and HistGradientBoosting's on the test rows, 60 rounds. */
const scores = {
  regression: [21.763240324664302, 21.959816970919405],
  multiclass: [0.2617153335209641, 0.2790244896540575],
};

const train = peerData(400, 1);
const test = peerData(200, 2);
const three = (values: number[]): number[] => values.map((v) => Number(v > 45) + Number(v > 75));
const params = { maxLeaves: 8 };

describe('the trees of LightGBM', () => {
  it('are ours for a squared loss, tree after tree', () => {
    const model = boosted(train.x, numbers(train.values), { ...params, rounds: 20 });
    const p = model.predict(test.x);
    for (const [i, expected] of lightgbm.regression.entries()) expect(p[i]).toBeCloseTo(expected, 4);
  });

  it('are ours for two classes in the first round', () => {
    const y = labels(
      train.values.map((v) => Number(v > 60)),
      ['no', 'yes'],
    );
    const p = boosted(train.x, y, { ...params, rounds: 1 }).predictProbability(test.x);
    for (const [i, expected] of lightgbm.binary.entries()) expect(p[2 * i + 1]).toBeCloseTo(expected, 5);
  });

  it('are ours for three classes in the first round', () => {
    const y = labels(three(train.values), ['a', 'b', 'c']);
    const p = boosted(train.x, y, { ...params, rounds: 1 }).predictProbability(test.x);
    for (const [i, expected] of lightgbm.multiclass.entries()) expect(p[i]).toBeCloseTo(expected, 5);
  });
});

describe('scores after 60 rounds', () => {
  it('are those of LightGBM and scikit-learn for numbers', () => {
    const model = boosted(train.x, numbers(train.values), { ...params, rounds: 60 });
    expect(meanSquare(model.predict(test.x), test.values)).toBeLessThan(
      1.02 * Math.min(...scores.regression),
    );
  });

  it('are no worse than theirs for classes', () => {
    const model = boosted(train.x, labels(three(train.values), ['a', 'b', 'c']), { ...params, rounds: 60 });
    const loss = logLoss(model.predictProbability(test.x), three(test.values));
    expect(loss).toBeLessThan(1.02 * Math.max(...scores.multiclass));
  });
});
