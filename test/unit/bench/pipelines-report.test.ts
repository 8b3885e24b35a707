import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../bench/learn/machine.ts';
import { type Compared, comparedText, FOREST, LINEAR } from '../../../bench/pipelines/report.ts';

const machine: Machine = {
  cpu: 'a processor',
  cores: 2,
  memoryGb: 24,
  system: 'linux x64',
  node: '24.0.0',
  commit: 'abc',
  load: 0,
};

const compared = (ours: Compared['ours'], peers: Compared['peers']): Compared => ({
  pipeline: 'housing',
  day: '2026-11-21',
  machine,
  versions: { 'scikit-learn': '1.9.1' },
  seeds: 2,
  trainRows: 2344,
  testRows: 293,
  ours,
  peers,
});

const lineOf = (text: string, label: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(`| ${label},`))
    ?.split('|')
    .map((cell) => cell.trim())
    .slice(2, -1);

/** Peers of mean 0.75 and standard error 0.05. */
const forest = { [FOREST]: [{ r2: 0.7 }, { r2: 0.8 }] };

describe('comparedText', () => {
  it.each([
    ['better', 0.8, '0.8000 ± 0.0000 +'],
    ['equal', 0.75, '0.7500 ± 0.0000 +'],
    ['below by less than a standard error', 0.71, '0.7100 ± 0.0000 ='],
    ['below by more', 0.69, '0.6900 ± 0.0000 -'],
  ])('marks a score that is %s', (_, r2, cell) => {
    const text = comparedText([compared({ selected: [{ r2 }, { r2 }] }, forest)]);
    expect(lineOf(text, 'selected')).toEqual([cell]);
    expect(text).toContain(`| ${FOREST}, scikit-learn | 0.7500 ± 0.0500 |`);
  });

  it('turns the sign of errors: less is better', () => {
    const peers = { [FOREST]: [{ rmse: 40_000 }, { rmse: 42_000 }] };
    const cell = (rmse: number) =>
      lineOf(comparedText([compared({ selected: [{ rmse }, { rmse }] }, peers)]), 'selected');
    expect(cell(39_000)).toEqual(['39,000 ± 0.0000 +']);
    expect(cell(41_500)).toEqual(['41,500 ± 0.0000 =']);
    expect(cell(43_000)).toEqual(['43,000 ± 0.0000 -']);
  });

  it("judges a linear model by the peer's linear model, not by its forest", () => {
    const peers = { ...forest, [LINEAR]: [{ r2: 0.6 }, { r2: 0.6 }] };
    const ours = {
      'linear-regression': [{ r2: 0.6 }, { r2: 0.6 }],
      'random-forest': [{ r2: 0.6 }, { r2: 0.6 }],
    };
    const text = comparedText([compared(ours, peers)]);
    expect(lineOf(text, 'linear-regression')).toEqual(['0.6000 ± 0.0000 +']);
    expect(lineOf(text, 'random-forest')).toEqual(['0.6000 ± 0.0000 -']);
  });

  it('leaves a cell empty where a model has no such figure, and marks none without a peer', () => {
    const ours = {
      selected: [
        { r2: 0.7, mae: 3 },
        { r2: 0.7, mae: 3 },
      ],
      other: [{ r2: 0.7 }, { r2: 0.7 }],
    };
    const text = comparedText([compared(ours, forest)]);
    expect(lineOf(text, 'selected')).toEqual(['0.7000 ± 0.0000 =', '3.0000 ± 0.0000']);
    expect(lineOf(text, 'other')).toEqual(['0.7000 ± 0.0000 =', '']);
  });

  it('says rows, seeds, day, machine and versions', () => {
    const text = comparedText([compared({ selected: [{ r2: 1 }] }, forest)]);
    expect(text).toContain('## housing');
    expect(text).toContain(
      '2,344 rows to train, 293 to test, 2 seeds; 2026-11-21, a processor, commit abc, scikit-learn 1.9.1.',
    );
  });
});
