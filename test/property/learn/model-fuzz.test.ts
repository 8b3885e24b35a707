import { expect, it } from 'vitest';
import { fuzz, treeFiles } from '../../unit/learn/file/fuzz.ts';

it('10,000 mutated model files: none read as another one unless forged, none crashes, none hangs', () => {
  const tally = fuzz(treeFiles(), 10_000, 7);
  expect(tally.refused).toBeGreaterThan(7_500);
  expect(tally.otherModel).toBeGreaterThan(100);
}, 240_000);
