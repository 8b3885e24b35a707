import { expect, it } from 'vitest';
import { readModelFile } from '../../../../lib/learn/index.ts';
import { fuzz, treeFiles } from './fuzz.ts';

it('500 mutated files: refused with IntegrityError, or forged and safe; test/property has 10,000', () => {
  const files = treeFiles();
  for (const file of files) expect(readModelFile(file).manifest.name).toBe('fuzzed');
  const tally = fuzz(files, 500, 20_260_101);
  expect(tally.refused).toBeGreaterThan(350);
  expect(tally.otherModel).toBeGreaterThan(0);
  expect(tally.refused + tally.otherModel + tally.unchanged).toBe(500);
});
