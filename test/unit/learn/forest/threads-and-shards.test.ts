import { describe, expect, it } from 'vitest';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import type { ModelParts, Target } from '../../../../lib/learn/index.ts';
import { thrownBy } from '../support.ts';
import { hashOf, mixedData } from './support.ts';

const trees = 24;
const params = randomForest.parseParams({ trees, oobScore: true, minSamplesLeaf: 3 });
const { x, classes, numbers } = mixedData(20_000);
const shards = randomForest.shards!;

function fitParts(y: Target, count: number): ModelParts[] {
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i, i + 1].map((k) => Math.floor((k * trees) / count));
    return shards.fitPart(x, y, params, { seed: 9, from: from!, to: to! });
  });
}

describe.each([
  ['classes', classes],
  ['numbers', numbers],
] as const)('20,000 rows, %s', (_, y) => {
  const alone = randomForest.fit(x, y, params, { seed: 9 });
  const expected = hashOf(alone);

  it.each([2, 4])('gives the same bytes on %d threads, of which several worked', (threads) => {
    // On a machine that is busy a worker may come when all is done: that of some fits several worked is the proof.
    let most = 0;
    for (let fits = 0; fits < 20 && most < 2; fits++) {
      let pieces: readonly number[] = [];
      const model = randomForest.fit(x, y, params, {
        seed: 9,
        threads,
        allThreads: true,
        onThreads: (by) => (pieces = by),
      });
      expect(hashOf(model)).toBe(expected);
      expect(pieces.length).toBe(threads);
      expect(pieces.reduce((sum, count) => sum + count)).toBe(trees);
      most = Math.max(most, pieces.filter((count) => count > 0).length);
    }
    expect(most).toBeGreaterThanOrEqual(2);
  });

  it.each([1, 3, 8])('gives the same bytes from %d shards', (count) => {
    expect(hashOf(shards.merge(x, y, params, { seed: 9 }, fitParts(y, count)))).toBe(expected);
  });

  it('gives other bytes by another seed', () => {
    expect(hashOf(randomForest.fit(x, y, params, { seed: 10 }))).not.toBe(expected);
  });

  it('reports progress up to 1, and changes nothing by it', () => {
    const shares: number[] = [];
    const model = randomForest.fit(x, y, params, { seed: 9, onProgress: (share) => shares.push(share) });
    expect(hashOf(model)).toBe(expected);
    expect(shares.at(-1)).toBe(1);
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
  });
});

describe('parts that do not fit', () => {
  const parts = fitParts(classes, 3);
  const merge = (given: ModelParts[], seed = 9) => shards.merge(x, classes, params, { seed }, given);
  it.each([
    ['one is lacking', [parts[0]!, parts[2]!]],
    ['the last is lacking', parts.slice(0, 2)],
    ['they are in another order', [parts[1]!, parts[0]!, parts[2]!]],
    ['one is there twice', [parts[0]!, parts[0]!, parts[1]!, parts[2]!]],
    [
      'a section is cut',
      [{ ...parts[0]!, sections: { ...parts[0]!.sections, cover: new Float32Array(3) } }, ...parts.slice(1)],
    ],
    [
      'the votes are gone',
      [{ ...parts[0]!, sections: { ...parts[0]!.sections, votes: new Int32Array(0) } }, ...parts.slice(1)],
    ],
  ])('are refused where %s', (_, given) => {
    expect(thrownBy(() => merge(given)).code).toBe('INTEGRITY');
  });

  it('are refused where they were grown by another seed', () => {
    expect(thrownBy(() => merge(parts, 10)).code).toBe('INTEGRITY');
  });
});
