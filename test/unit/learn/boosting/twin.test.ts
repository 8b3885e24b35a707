import { describe, expect, it } from 'vitest';
import { labels, numbers, uniform } from '../support.ts';
import { boosted, bytesOf, features } from './support.ts';

const params = { rounds: 4, maxLeaves: 12, minSamplesLeaf: 2 };
const rows = 300;
const next = uniform(5);
const column = (make: () => number): number[] => Array.from({ length: rows }, make);
const noise = column(next);
const target = numbers(noise.map((v, i) => v + Math.sin(i)));

/** The kernel's model on one and on three threads, and the twin's. */
function threeWays(
  x: ReturnType<typeof features>,
  y: Parameters<typeof boosted>[1],
  more = {},
  options = {},
) {
  const all = { ...params, ...more };
  return [
    bytesOf(boosted(x, y, all, options)),
    bytesOf(boosted(x, y, all, { ...options, threads: 3, allThreads: true })),
    bytesOf(boosted(x, y, all, options, false)),
  ];
}
const expectOne = (hashes: string[]): void => expect(new Set(hashes).size).toBe(1);

describe('kernel, threads and twin give the same bytes', () => {
  it.each([1, 2, 255, 256, 257])('with %d distinct values', (distinct) => {
    const values = Array.from({ length: 600 }, (_, i) => (i * 7) % distinct);
    expectOne(threeWays(features([values]), numbers(values.map((v) => (v % 5) + v / 100))));
  });

  it.each([2, 3, 254, 255, 300])('with %d categories', (count) => {
    const names = [Array.from({ length: count }, (_, i) => `c${String(i).padStart(3, '0')}`)];
    const values = Array.from({ length: 900 }, (_, i) => (i * 11) % count);
    const x = features([values.map((v, i) => (i % 50 === 0 ? Number.NaN : v))], names);
    expectOne(threeWays(x, numbers(values.map((v, i) => (v % 3) + noise[i % rows]!))));
  });

  it('of one row, of one column, and where all is missing or equal', () => {
    expectOne(threeWays(features([[3]]), numbers([4])));
    const missing = column(() => Number.NaN);
    expectOne(threeWays(features([missing]), target));
    expectOne(threeWays(features([column(() => 2), missing, noise]), target));
  });

  it.each([2, 3, 30])('of %d classes, weighted by class', (count) => {
    const classes = Array.from({ length: count }, (_, k) => `k${k}`);
    const y = labels(
      noise.map((v, i) => (i < count ? i : Math.floor(v * v * count))),
      classes,
    );
    expectOne(threeWays(features([noise, column(next)]), y, { classWeight: 'balanced' }));
  });

  it('of weighted rows, whole and fractional', () => {
    const x = features([noise, column(next)]);
    expectOne(threeWays(x, target, {}, { weights: Float64Array.from(noise, (v) => 1 + Math.floor(3 * v)) }));
    expectOne(threeWays(x, target, {}, { weights: Float64Array.from(noise, (v) => 0.1 + v) }));
  });

  it('of sampled rows and columns, with rows held out', () => {
    const x = features([noise, column(next), column(next)]);
    const more = { subsample: 0.5, colsample: 0.67, earlyStoppingRounds: 3, rounds: 12 };
    expectOne(threeWays(x, target, more, { validation: { x, y: target } }));
  });

  it('of one-hot columns, which the kernel bundles', () => {
    const kind = column(() => Math.floor(next() * 9));
    const hot = Array.from({ length: 9 }, (_, k) => kind.map((v) => Number(v === k)));
    const y = numbers(kind.map((v, i) => v + noise[i]!));
    expectOne(threeWays(features([...hot, noise, ...hot.map((c) => c.map((v) => 1 - v))]), y));
  });

  it('of more rows than one piece of work has', () => {
    const many = Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 1000);
    const x = features([
      many,
      many.map((v, i) => (v * i) % 97),
      many.map((v, i) => Number((v + i) % 30 === 0)),
    ]);
    const y = numbers(many.map((v, i) => Math.sin(v / 50) + (i % 7)));
    expectOne(threeWays(x, y, { rounds: 2, minSamplesLeaf: 20 }));
  });

  it('where the columns come in another order', () => {
    const x = features([noise, column(next), column(next)]);
    const order = [2, 0, 1];
    const turned = { ...x, names: order.map((j) => x.names[j]!), columns: order.map((j) => x.columns[j]!) };
    const model = boosted(x, target, params);
    expect(bytesOf(boosted(turned, target, params))).toBe(bytesOf(model));
    expect(Array.from(model.predict(turned))).toEqual(Array.from(model.predict(x)));
  });
});
