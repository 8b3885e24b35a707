import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cases } from '../../../bench/learn/cases.ts';
import { scoreOf } from '../../../bench/learn/contenders/job.ts';
import { parseGenerated } from '../../../bench/learn/data/prepare.ts';
import { realSources } from '../../../bench/learn/data/real.ts';
import { sweeps } from '../../../bench/learn/growth.ts';
import { parseOptions } from '../../../bench/learn/options.ts';
import { report } from '../../../bench/learn/report.ts';
import type { Results, Stamp } from '../../../bench/learn/results.ts';
import { turnsOf } from '../../../bench/learn/rounds.ts';
import type { Line } from '../../../bench/learn/summary.ts';
import { getTrainer } from '../../../lib/learn/trainers.ts';

describe('options', () => {
  it('has defaults, and takes what is given', () => {
    expect(parseOptions([])).toEqual({
      quick: false,
      only: [],
      threads: [1, 2],
      profile: false,
      help: false,
    });
    const given = ['--quick', '--case', 'ames', '--case', 'growth', '--threads', '1,4', '--runs', '2'];
    expect(parseOptions(given)).toMatchObject({
      quick: true,
      only: ['ames', 'growth'],
      threads: [1, 4],
      runs: 2,
    });
  });

  it.each([
    [['--case', 'nothing'], RangeError],
    [['--threads', '1,x'], RangeError],
    [['--runs', '0'], RangeError],
    [['--what'], TypeError],
  ])('refuses %j', (argv, kind) => {
    expect(() => parseOptions(argv)).toThrow(kind);
  });
});

describe('cases', () => {
  it('have data that can be made, at least five runs below a million rows, and names of their own', () => {
    for (const { data, runs } of cases) {
      const generated = parseGenerated(data);
      expect(generated !== undefined || data in realSources).toBe(true);
      expect(runs).toBe(generated && generated.rows >= 1e6 ? 3 : 5);
    }
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it('ask for parameters that our trainers take', () => {
    for (const { contenders } of cases) {
      for (const { runtime, algorithm, params } of contenders) {
        if (runtime === 'ours') expect(getTrainer(algorithm).parseParams(params)).toMatchObject(params);
      }
    }
  });

  it('ask the same of all forests: maxFeatures by name, as a number of 1.0 would arrive in Python as one feature', () => {
    for (const { kind, contenders } of cases) {
      if (kind !== 'forest') continue;
      const asked = contenders
        .filter(({ runtime }) => runtime !== 'ml-random-forest')
        .map(({ params }) => params);
      expect(['sqrt', 'all']).toContain(asked[0]!.maxFeatures);
      for (const params of asked) expect(params).toEqual(asked[0]);
    }
  });

  it('sweep over at least four sizes, all of data that can be made', () => {
    for (const quick of [true, false]) {
      for (const { steps } of sweeps(quick)) {
        expect(new Set(steps.map(({ size }) => size)).size).toBeGreaterThanOrEqual(4);
        for (const { data, rows } of steps)
          expect(parseGenerated(data)!.rows).toBeGreaterThanOrEqual(rows ?? 0);
      }
    }
  });

  it('give every contender a turn at each number of threads, ml-random-forest at one', () => {
    const devops = cases.find(({ name }) => name === 'devops')!;
    const turns = turnsOf(devops, [1, 2], (form) => form);
    expect(turns.map(({ contender, threads, job }) => [contender.name, threads, job.measure])).toEqual([
      ['ours', 1, 'file'],
      ['scikit-learn', 1, 'file'],
      ['ml-random-forest', 1, 'file'],
      ['ours', 2, 'fit'],
      ['scikit-learn', 2, 'fit'],
    ]);
  });
});

describe('scores', () => {
  it('are accuracy and log loss of classes', () => {
    const y = { task: 'classification' as const, classes: ['a', 'b'], values: Int32Array.of(0, 1, 1, 0) };
    const probabilities = Float64Array.of(0.5, 0.5, 0.25, 0.75, 0.5, 0.5, 1, 0);
    const { accuracy, logLoss } = scoreOf(y, [0, 1, 0, 0], probabilities);
    expect(accuracy).toBe(0.75);
    expect(logLoss).toBeCloseTo((Math.LN2 - Math.log(0.75) + Math.LN2 + 0) / 4, 12);
    expect(scoreOf(y, [0, 0, 0, 0])).toEqual({ accuracy: 0.5 });
  });

  it('bounds the loss of a probability of 0 as scikit-learn does', () => {
    const y = { task: 'classification' as const, classes: ['a', 'b'], values: Int32Array.of(0) };
    expect(scoreOf(y, [1], Float64Array.of(0, 1)).logLoss).toBeCloseTo(36.04365, 5);
  });

  it('are R2 and RMSE of numbers', () => {
    const y = { task: 'regression' as const, values: Float64Array.of(1, 2, 3) };
    expect(scoreOf(y, [1, 2, 5])).toEqual({ r2: -1, rmse: Math.sqrt(4 / 3) });
  });
});

describe('requirements', () => {
  it('are pinned and hashed, and name no host', () => {
    const text = readFileSync('bench/learn/requirements.txt', 'utf8');
    const pins = text.match(/^[\w-]+==.*\\$/gm) ?? [];
    expect(pins.length).toBeGreaterThan(5);
    expect(text).toMatch(/^scikit-learn==1\.9\./m);
    expect(text).toMatch(/^lightgbm==4\.7\.0/m);
    for (const block of text.split(/^(?=[\w-]+==)/m).slice(1)) expect(block).toContain('--hash=sha256:');
    expect(text).not.toContain('://');
  });
});

describe('report', () => {
  const stamp: Stamp = {
    day: '2026-01-02',
    machine: {
      cpu: 'a cpu',
      cores: 2,
      memoryGb: 8,
      system: 'linux x64',
      node: '24.0.0',
      commit: 'abc',
      load: 0.1,
    },
    versions: { 'scikit-learn': '1.9.1' },
    wallSeconds: 61,
  };
  const line: Line = {
    contender: 'ours',
    threads: 1,
    runs: 5,
    fitSeconds: 0.5,
    fitCpuSeconds: 0.4,
    timesPeer: 12,
    rssPeak: 1e8,
    rssAdded: 2e7,
    scores: [{ name: 'r2', mean: 0.75, standardError: 0.001, standing: 'better' }],
    disturbed: true,
  };
  const points = [1, 2, 4, 8].map((size) => ({
    size: 1000 * size,
    seconds: { ours: size, 'scikit-learn': 9 * size },
  }));
  const law = { exponent: 1, exponentError: 0.01, scale: 1 };
  const results: Results = {
    cases: { ames: { ...stamp, settings: 'some settings', lines: [line], raw: [] } },
    growth: { ...stamp, lines: [{ over: 'rows', at: 'ten columns', points, laws: { ours: law } }] },
    baseline: { ...stamp, line: { over: 'rows', at: 'ten trees', points, laws: { ours: law } } },
    fullSize: {
      ...stamp,
      result: {
        lines: [line],
        extrapolated: [{ contender: 'ours', serial: 2, seconds: 4.5 }],
        withinMemory: false,
      },
    },
    profile: {
      ...stamp,
      results: [
        {
          case: 'ames',
          seconds: 1,
          namedSeconds: 1.1,
          phases: [{ phase: 'histogram', seconds: 0.5, share: 0.5 }],
          functions: [{ name: 'forest/assembly/lanes/count', seconds: 0.5 }],
          visits: 2e6,
          nanosecondsPerVisit: 4,
          cyclesPerVisit: 10,
          limits: { countInOrder: 1, countScattered: 2, copyBytesPerSecond: 5e9 },
        },
      ],
    },
  };

  it('tells every section, on which machine, and which bars were met', () => {
    const text = report(results, 'Title');
    expect(text.match(/^## .+$/gm)).toEqual([
      '## Bars',
      '## Random forest',
      '## Growth of training time',
      '## ml-random-forest, as far as it gets',
      '## Full size: 581,012 x 54, 100 trees',
      '## Where the time goes',
    ]);
    expect(text).toMatch(/\| ames +\| train 10x scikit-learn, 1 thread +\| +12\.0x \| yes/);
    expect(text).toContain('0.500*');
    expect(text).toContain('scikit-learn 1.9.1');
    expect(text).toContain('**4.50 s on 6 cores**');
    expect(text).toContain('does **not** stay');
    expect(text).toContain(
      '4.00 times the bare loop in order, 2.00 times the scattered one: of a scattered count 50 % is waiting',
    );
    expect(text).not.toContain('undefined');
    expect(text).not.toContain('NaN');
  });

  it('is of the sections that there are', () => {
    const text = report({ cases: {} }, 'Title');
    expect(text).not.toContain('##');
  });
});
