import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../bin/cli/commands/diff.ts';
import { datasetDiffText, versionDiffText } from '../../../bin/cli/diff-text.ts';
import type { DatasetDiff, VersionDiff } from '../../../lib/pipeline/datasets/index.ts';

const side = (digit: string) => ({
  sha256: digit.repeat(64),
  sourceSha256: digit.repeat(64),
  pipeline: 'p',
  synthetic: false,
});
const dataset: DatasetDiff = {
  a: side('a'),
  b: side('b'),
  same: false,
  facts: [{ key: 'synthetic', a: false, b: true }],
  rows: [{ part: 'train', a: 1200, b: 2344 }],
  schema: {
    added: [{ name: 'garage', kind: 'integer' }],
    removed: [{ name: 'lot', kind: 'number' }],
    changed: [{ name: 'zone', a: 'text', b: 'category' }],
  },
  columns: [
    {
      name: 'area',
      kind: 'number',
      psi: 0.3125,
      shift: 'large',
      missing: { a: 0, b: 0.05 },
      distinct: { a: 9, b: 9 },
      mean: { a: 120.5, b: 130.25 },
      std: { a: 10, b: 10 },
      quantiles: [{ p: 0.5, a: 118, b: 131 }],
    },
    {
      name: 'zone',
      kind: 'category',
      psi: 0.01,
      shift: 'none',
      missing: { a: 0, b: 0 },
      distinct: { a: 2, b: 2 },
      categories: [{ value: 'north', a: 0.5, b: 0.25 }],
    },
  ],
};
const version: VersionDiff = {
  a: { model: 'housing', version: '1', runId: '1', createdAt: '' },
  b: { model: 'housing', version: '2', runId: '2', createdAt: '' },
  same: false,
  facts: [],
  metrics: [
    { key: 'mae', a: 30_000, b: 27_394, change: -2606 },
    { key: 'r2_score', a: null, b: 0.7275, change: null },
  ],
  params: [{ key: 'trees', a: '50', b: '100' }],
  data: [],
  code: [],
  dataset,
};
/** The cells of the line that begins with `name`. */
const lineOf = (text: string, name: string) =>
  text
    .split('\n')
    .map((line) =>
      line
        .split('│')
        .map((cell) => cell.trim())
        .filter((cell) => cell !== ''),
    )
    .find(([first]) => first === name);

describe('what two texts name', () => {
  it.each([
    ['0123456789abcdef0123456789abcdef', 'runs'],
    ['0123ab', 'datasets'],
    ['a'.repeat(64), 'datasets'],
    ['housing/1', 'versions'],
    ['models:/housing/Staging', 'versions'],
    ['housing@production', 'versions'],
    ['abc', 'versions'],
  ])('%s is one of %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });
});

describe('a difference as a person reads it', () => {
  it('shows rows, columns that came and went, and how far each moved', () => {
    const text = datasetDiffText(dataset);
    expect(lineOf(text, 'train')).toEqual(['train', '1,200', '2,344']);
    expect(text).toContain('  + garage (integer)\n  - lot (number)\n  ~ zone: text is category now\n');
    expect(lineOf(text, 'area')).toEqual([
      'area',
      '0.313',
      'large',
      '120.5 -> 130.3',
      '10',
      '118 -> 131',
      '0 -> 5',
    ]);
    expect(lineOf(text, 'zone')?.[3]).toBe('north 50 -> 25 %');
    expect(lineOf(text, 'synthetic')).toEqual(['synthetic', 'false', 'true']);
    expect(datasetDiffText({ ...dataset, same: true })).toMatch(/^the same dataset/);
  });

  it('shows the change of each metric, and the data behind two versions', () => {
    const text = versionDiffText(version);
    expect(lineOf(text, 'mae')).toEqual(['mae', '30,000', '27,394', '-2,606']);
    expect(lineOf(text, 'r2_score')).toEqual(['r2_score', '0.7275']);
    expect(lineOf(text, 'trees')).toEqual(['trees', '50', '100']);
    expect(text).toContain('code: the same');
    expect(text).toContain('trained on other data');
    expect(versionDiffText({ ...version, same: true, dataset: null })).toMatch(/^the same model file\n/);
  });
});
