import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../lib/errors/index.ts';
import { isLater, RunDocument } from '../../../lib/tracking/run-document.ts';

const reread = (document: RunDocument): RunDocument => {
  const pages = Array.from(
    { length: document.furtherPages + 1 },
    (_, page) => document.changes.get(page) ?? '[]',
  );
  return new RunDocument(pages);
};

describe('RunDocument', () => {
  it('is empty without pages, and knows no change when it was only read', () => {
    const document = new RunDocument(['[["p","a","1"]]']);
    expect([document.params, document.tags, document.metrics]).toEqual([{ a: '1' }, {}, {}]);
    expect(document.changes.size).toBe(0);
  });

  it('keeps params, tags and metrics of one name apart', () => {
    const document = new RunDocument();
    document.setParam('x', 'p');
    document.setTag('x', 't');
    document.setMetric({ key: 'x', value: -0, step: 3, timestamp: 4 });
    const again = reread(document);
    expect([again.params, again.tags, again.latest]).toEqual([
      { x: 'p' },
      { x: 't' },
      [{ key: 'x', value: -0, step: 3, timestamp: 4 }],
    ]);
  });

  it('counts no change where nothing changes', () => {
    const document = new RunDocument(['[["p","a","1"],["t","b","2"],["m","c","3",5,5]]']);
    document.setParam('a', '1');
    document.setTag('b', '2');
    document.setMetric({ key: 'c', value: 9, step: 4, timestamp: 9 });
    document.setMetric({ key: 'c', value: 3, step: 5, timestamp: 5 });
    expect(document.changes.size).toBe(0);
  });

  it('fills pages in turn and rewrites only those that change', () => {
    const document = new RunDocument();
    for (let i = 0; i < 200; i += 1) document.setTag(`t${i}`, 'x'.repeat(5_000));
    expect(document.furtherPages).toBeGreaterThan(1);
    for (const [page, text] of document.changes)
      expect(text.length).toBeLessThan(page === 0 ? 201_000 : 351_000);
    const again = reread(document);
    again.setTag('t0', 'y');
    expect([...again.changes.keys()]).toEqual([0]);
    expect(Object.keys(again.tags)).toHaveLength(200);
  });

  it('moves an entry that outgrew its page onward, never back', () => {
    const document = new RunDocument();
    document.setTag('small', 'x');
    for (let i = 0; i < 39; i += 1) document.setTag(`t${i}`, 'x'.repeat(5_000));
    const again = reread(document);
    again.setTag('small', 'y'.repeat(8_000));
    expect([...again.changes.keys()]).toEqual([0, 1]);
    expect(again.changes.get(0)).not.toContain('small');
    expect(reread(again).tags.small).toHaveLength(8_000);
  });

  it('takes the later page where a reader sees an entry twice', () => {
    expect(new RunDocument(['[["t","a","old"]]', undefined, '[["t","a","new"]]']).tags).toEqual({ a: 'new' });
  });

  it('forgets a tag, on whichever page it is, and says whether there was one', () => {
    const document = new RunDocument();
    for (let i = 0; i < 60; i += 1) document.setTag(`t${i}`, 'x'.repeat(5_000));
    const again = reread(document);
    expect([
      again.deleteTag('t0'),
      again.deleteTag('t59'),
      again.deleteTag('t59'),
      again.deleteTag('p'),
    ]).toEqual([true, true, false, false]);
    expect([...again.changes.keys()]).toEqual([0, 1]);
    expect(Object.keys(reread(again).tags)).toHaveLength(58);
  });

  it('counts characters of a value as a reader does', () => {
    const document = new RunDocument();
    document.setParam('a', '🌳'.repeat(6_000));
    expect(() => document.setParam('b', '🌳'.repeat(6_001))).toThrow('params.b is over 6000 characters');
    expect(reread(document).params.a).toBe('🌳'.repeat(6_000));
  });

  it('keeps datasets and models, each once and as it was logged first', () => {
    const document = new RunDocument();
    const dataset = { name: 'd', digest: 'g', sourceType: 'local', source: '{}' };
    document.addDataset({ dataset, tags: { 'mlflow.data.context': 'train' } });
    document.addDataset({ dataset: { ...dataset, source: 'other' }, tags: {} });
    document.addDataset({ dataset: { ...dataset, digest: 'h' }, tags: {} });
    for (const id of ['m-1', 'm-2', 'm-1']) document.addModelInput(id);
    document.addModelOutput({ modelId: 'm-1', step: 3 });
    document.addModelOutput({ modelId: 'm-1', step: 4 });
    const again = reread(document);
    expect(again.datasets).toEqual([
      { dataset, tags: { 'mlflow.data.context': 'train' } },
      { dataset: { ...dataset, digest: 'h' }, tags: {} },
    ]);
    expect([again.modelInputs, again.modelOutputs]).toEqual([['m-1', 'm-2'], [{ modelId: 'm-1', step: 3 }]]);
    again.addDataset({ dataset, tags: {} });
    again.addModelInput('m-2');
    again.addModelOutput({ modelId: 'm-1', step: 9 });
    expect(again.changes.size).toBe(0);
  });

  it('cuts a dataset with a megabyte of schema into parts that fit, and leaves out one seen in part', () => {
    const schema = '"é\u0000"'.repeat(110_000);
    const document = new RunDocument();
    document.addDataset({
      dataset: { name: 'd', digest: 'g', sourceType: 's', source: '', schema },
      tags: {},
    });
    const sizes = [...document.changes.values()].map((text) => Buffer.byteLength(text));
    expect(Math.max(...sizes)).toBeLessThan(380_000);
    expect(reread(document).datasets[0]!.dataset.schema).toBe(schema);
    const pages = Array.from({ length: document.furtherPages + 1 }, (_, page) => document.changes.get(page));
    expect(new RunDocument(['[]', ...pages.slice(1)]).datasets).toEqual([]);
  });

  it('refuses a dataset that one write could not take', () => {
    const profile = 'x'.repeat(1_500_000);
    const dataset = { name: 'd', digest: 'g', sourceType: 's', source: '', profile };
    expect(() => new RunDocument().addDataset({ dataset, tags: {} })).toThrow(/1500000 are kept at most/);
  });

  it('refuses a damaged page', () => {
    expect(() => new RunDocument(['{'])).toThrow(IntegrityError);
  });
});

describe('isLater', () => {
  const at = (step: number, timestamp: number, value: number) => ({ step, timestamp, value });
  it('orders by step, time, value; a NaN counts as 0, and above it', () => {
    expect(isLater(at(2, 0, 0), at(1, 9, 9))).toBe(true);
    expect(isLater(at(1, 1, 0), at(1, 0, 9))).toBe(true);
    expect(isLater(at(1, 1, 2), at(1, 1, 1))).toBe(true);
    expect(isLater(at(1, 1, 1), at(1, 1, 1))).toBe(false);
    const nan = at(1, 1, Number.NaN);
    expect([at(1, 1, -1), at(1, 1, 0), at(1, 1, -0), at(1, 0, 9)].map((held) => isLater(nan, held))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([nan, at(1, 1, 1), at(2, 0, -9)].map((held) => isLater(nan, held))).toEqual([false, false, false]);
    expect(isLater(at(1, 1, 0.5), nan)).toBe(true);
    expect(isLater(at(1, 1, 0), nan)).toBe(false);
  });
});
