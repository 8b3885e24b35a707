import { beforeEach, describe, expect, it } from 'vitest';
import type { Ensemble } from '../../../../lib/learn/ensemble/ensemble.ts';
import { isResident, kernelScores } from '../../../../lib/learn/ensemble/kernel-score.ts';
import { plainScorer } from '../../../../lib/learn/ensemble/score.ts';
import { scorerOf } from '../../../../lib/learn/ensemble/scorer.ts';
import { randomEnsemble, randomRows, wishes } from './random-ensemble.ts';

const made = (seed: number): Ensemble => randomEnsemble({ ...wishes[2]![1], seed });
const other = made(99);

describe('when the kernel takes over', () => {
  // The one memory holds another model, as it does in a process that serves several.
  beforeEach(() => {
    kernelScores(other, randomRows(other, 1, 1));
    expect(isResident(other)).toBe(true);
  });

  it.each([
    [1, false],
    [255, false],
    [256, true],
    [1_000, true],
  ])('a first call of %i rows: %s', (rows, takes) => {
    const ensemble = made(1);
    const x = randomRows(ensemble, rows, 2);
    expect(scorerOf(ensemble)(x)).toEqual(plainScorer(ensemble)(x));
    expect(isResident(ensemble)).toBe(takes);
    expect(isResident(other)).toBe(!takes);
  });

  it('after 2,048 rows of small calls, and not one before', () => {
    const ensemble = made(2);
    const score = scorerOf(ensemble);
    const [most, one] = [randomRows(ensemble, 255, 3), randomRows(ensemble, 1, 4)];
    for (let call = 0; call < 8; call++) score(most);
    for (let row = 8 * 255; row < 2_047; row++) score(one);
    expect(isResident(ensemble)).toBe(false);
    score(one);
    expect(isResident(ensemble)).toBe(true);
  });

  it('once there, it answers single rows until another model comes; then rows are counted anew', () => {
    const ensemble = made(3);
    const score = scorerOf(ensemble);
    const [many, few] = [randomRows(ensemble, 300, 5), randomRows(ensemble, 200, 6)];
    score(many);
    score(few);
    expect(isResident(ensemble)).toBe(true);
    kernelScores(other, randomRows(other, 1, 1));
    for (let call = 0; call < 10; call++) expect(score(few)).toEqual(plainScorer(ensemble)(few));
    expect(isResident(other)).toBe(true);
    score(few);
    expect(isResident(ensemble)).toBe(true);
  });

  it('each scorer counts its own rows, also two of one ensemble', () => {
    const ensemble = made(4);
    const [first, second] = [scorerOf(ensemble), scorerOf(ensemble)];
    const x = randomRows(ensemble, 250, 7);
    for (let call = 0; call < 8; call++) {
      first(x);
      second(x);
    }
    expect(isResident(ensemble)).toBe(false);
    first(x);
    expect(isResident(ensemble)).toBe(true);
  });

  it('no rows are answered with none, and bring nothing nearer', () => {
    const ensemble = made(5);
    const score = scorerOf(ensemble);
    const none = randomRows(ensemble, 0, 1);
    for (let call = 0; call < 3_000; call++) expect(score(none)).toHaveLength(0);
    expect(isResident(ensemble)).toBe(false);
  });
});
