import { describe, expect, it } from 'vitest';
import { judge, judgeBaseline, judgeFullSize, judgeGrowth } from '../../../bench/learn/bars.ts';
import type { Case } from '../../../bench/learn/cases.ts';
import type { Answer } from '../../../bench/learn/contenders/job.ts';
import { lawsOf, linearithmic } from '../../../bench/learn/growth.ts';
import { rawOf, versionsOf } from '../../../bench/learn/results.ts';
import type { Series } from '../../../bench/learn/rounds.ts';
import { type Line, summarise } from '../../../bench/learn/summary.ts';

const answer = (fitSeconds: number, more: Partial<Answer> = {}): Answer => ({
  fitSeconds,
  fitCpuSeconds: fitSeconds,
  rssBefore: 100e6,
  rssPeak: 150e6,
  ...more,
});
const series = (contender: string, threads: number, answers: Answer[]): Series => ({
  contender,
  threads,
  answers,
});

const measured: Series[] = [
  series('ours', 1, [
    answer(1, { accuracy: 0.9, batchSeconds: 0.01 }),
    answer(3, { accuracy: 0.92 }),
    answer(2),
  ]),
  series('scikit-learn', 1, [
    answer(22, { accuracy: 0.9, logLoss: 0.5, batchSeconds: 0.05 }),
    answer(20, { accuracy: 0.94, logLoss: 0.5 }),
    answer(18),
  ]),
  series('ours', 2, [answer(1)]),
];

describe('summarise', () => {
  const [ours, peer, two] = summarise(measured, 'scikit-learn') as [Line, Line, Line];

  it('takes medians and compares with the peer on as many threads', () => {
    expect(ours).toMatchObject({ fitSeconds: 2, runs: 3, timesPeer: 10, rssPeak: 150e6, rssAdded: 50e6 });
    expect(ours.batchTimesPeer).toBeCloseTo(5);
    expect(peer.timesPeer).toBeUndefined();
    expect(two.timesPeer).toBeUndefined(); // The peer has no run on two.
  });

  it('compares threads with the same contender on one', () => {
    expect(two.timesOneThread).toBe(2);
    expect(ours.timesOneThread).toBeUndefined();
  });

  it('has mean, error and standing of the scores that there are', () => {
    expect(ours.scores).toHaveLength(1);
    expect(ours.scores[0]).toMatchObject({ name: 'accuracy', standing: 'within 1 SE' });
    expect(ours.scores[0]!.mean).toBeCloseTo(0.91);
    expect(ours.scores[0]!.standardError).toBeCloseTo(0.01);
    expect(peer.scores.map(({ name }) => name)).toEqual(['accuracy', 'logLoss']);
    expect(peer.scores.every(({ standing }) => standing === undefined)).toBe(true);
  });

  it('takes a lower loss for the better one', () => {
    const lines = summarise(
      [series('ours', 1, [answer(1, { rmse: 5 })]), series('LightGBM', 1, [answer(1, { rmse: 6 })])],
      'LightGBM',
    );
    expect(lines[0]!.scores[0]!.standing).toBe('better');
    const other = summarise(
      [series('ours', 1, [answer(1, { logLoss: 7 })]), series('LightGBM', 1, [answer(1, { logLoss: 6 })])],
      'LightGBM',
    );
    expect(other[0]!.scores[0]!.standing).toBe('worse');
  });

  it('marks runs on one thread whose clock ran ahead of the processor', () => {
    const busy = summarise([series('ours', 1, [answer(2, { fitCpuSeconds: 1 })])], 'x');
    expect(busy[0]!.disturbed).toBe(true);
    expect(ours.disturbed).toBe(false);
  });

  it('leaves out what has no answer, and tells why another has few', () => {
    const lines = summarise([series('slow', 1, []), { ...measured[0]!, stopped: 'took too long' }], 'x');
    expect(lines.map(({ contender, stopped }) => [contender, stopped])).toEqual([['ours', 'took too long']]);
  });
});

describe('bars', () => {
  const one = (kind: Case['kind'], numeric: boolean, names: string[]): Case => ({
    name: 'data',
    kind,
    data: 'data',
    contenders: names.map((name) => ({
      name,
      runtime: name.startsWith('ours') ? 'ours' : 'python',
      algorithm: name,
      params: {},
      form: 'native',
    })),
    runs: 5,
    numeric,
    settings: '',
    minutes: 1,
    quick: false,
  });
  const line = (contender: string, threads: number, more: Partial<Line>): Line => ({
    contender,
    threads,
    runs: 5,
    fitSeconds: 1,
    fitCpuSeconds: 1,
    rssPeak: 1,
    rssAdded: 1,
    scores: [],
    disturbed: false,
    ...more,
  });
  const score = (standing: 'better' | 'worse') => [
    { name: 'r2' as const, mean: 0.5, standardError: 0.01, standing },
  ];

  it('asks 10 times on numbers, 5 times elsewhere, and LightGBM’s speed of boosting', () => {
    const lines = [line('ours', 1, { timesPeer: 7 })];
    expect(judge(one('forest', true, ['ours', 'scikit-learn']), lines)).toEqual([
      { case: 'data', bar: 'train 10x scikit-learn, 1 thread', measured: '7.0x', met: false },
    ]);
    expect(judge(one('forest', false, ['ours', 'scikit-learn']), lines)[0]!.met).toBe(true);
    expect(judge(one('boosting', true, ['ours', 'LightGBM']), lines)[0]).toMatchObject({
      bar: 'train 1x LightGBM, 1 thread',
      met: true,
    });
  });

  it('judges score, threads, batch and row', () => {
    const lines = [
      line('ours', 1, { scores: score('worse'), batchTimesPeer: 2.9, rowSeconds: 15e-6 }),
      line('ours', 2, { timesOneThread: 1.8 }),
    ];
    const verdicts = judge(one('forest', true, ['ours', 'scikit-learn']), lines);
    expect(verdicts.map(({ met }) => met)).toEqual([false, true, false, true]);
    expect(verdicts[0]!.measured).toBe('0.5000: worse');
  });

  it('names each of ours where there are more, and holds ml-random-forest against them', () => {
    const lines = [line('ours, a', 1, { timesPeer: 5 }), line('ml-random-forest', 1, { fitSeconds: 299 })];
    const verdicts = judge(one('forest', false, ['ours, a', 'ours, b', 'ml-random-forest']), lines);
    expect(verdicts.map((verdict) => [verdict.case, verdict.measured, verdict.met])).toEqual([
      ['data (ours, a)', '5.0x', true],
      ['data (ours, a)', '299x', false],
    ]);
  });

  it('holds growth against n log n', () => {
    const sizes = [1000, 2000, 4000, 8000];
    const grow = (power: number) => {
      const points = sizes.map((size) => ({ size, seconds: { ours: size ** power } }));
      return { over: 'rows' as const, at: '', points, laws: lawsOf(points) };
    };
    expect(judgeGrowth([grow(1.1)])[0]!.met).toBe(true);
    expect(judgeGrowth([grow(1.3)])[0]!.met).toBe(false);
    expect(judgeGrowth([{ ...grow(3), over: 'trees' }])).toEqual([]);
    expect(linearithmic(sizes)).toBeGreaterThan(1.1);
    expect(linearithmic(sizes)).toBeLessThan(1.2);
  });

  it('judges ml-random-forest at the sizes that it finished, and memory at its peak', () => {
    const points = [
      { size: 500, seconds: { ours: 0.01, 'ml-random-forest': 4 } },
      { size: 1000, seconds: { ours: 0.01 } as Record<string, number> },
    ];
    const verdicts = judgeBaseline({ over: 'rows', at: '', points, laws: {} });
    expect(verdicts.map(({ measured, met }) => [measured, met])).toEqual([['400x', true]]);
    const lines = [line('a', 1, { rssPeak: 2e9 }), line('a', 2, { rssPeak: 3e9 })];
    expect(judgeFullSize({ lines, extrapolated: [], withinMemory: true })[0]).toMatchObject({
      measured: '3.00 GB',
      met: true,
    });
  });
});

describe('laws and records', () => {
  it('fits only those with four points', () => {
    const points = [1, 2, 4, 8].map((size) => ({
      size,
      seconds: { ours: size, ...(size < 8 ? { slow: size ** 2 } : {}) },
    }));
    const laws = lawsOf(points);
    expect(Object.keys(laws)).toEqual(['ours']);
    expect(laws.ours!.exponent).toBeCloseTo(1);
  });

  it('keeps every figure of every run, and the versions', () => {
    const own = series('ours', 1, [
      answer(1.23456789, { pieces: [3], versions: { numpy: '2' } }),
      answer(2, { fileBytes: 7, versions: { python: '3' } }),
    ]);
    expect(rawOf(own).figures).toMatchObject({ fitSeconds: [1.23457, 2], fileBytes: [7] });
    expect(rawOf(own).figures).not.toHaveProperty('pieces');
    expect(versionsOf([own])).toEqual({ numpy: '2', python: '3' });
  });
});
