import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { ago, bytes, duration, figure, percent } from '../../../console/lib/format.ts';
import { moved } from '../../../console/lib/keys.ts';

/** A number as it is shown, read back. */
const read = (text: string) => Number(text.replaceAll(',', ''));
const UNIT: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
const readBytes = (text: string) => {
  const [value, unit] = text.split(' ') as [string, string];
  return Number(value) * UNIT[unit]!;
};
const PART: Record<string, number> = { ms: 1, s: 1e3, min: 6e4, h: 3.6e6 };
const readDuration = (text: string) =>
  [...text.matchAll(/(\d+) (ms|s|min|h)/g)].reduce(
    (sum, [, value, part]) => sum + Number(value) * PART[part!]!,
    0,
  );

describe('a figure', () => {
  const value = fc.oneof(
    fc.double({ min: -1e300, max: 1e300, noNaN: true }),
    fc.double({ min: -2000, max: 2000, noNaN: true }),
    fc.integer(),
  );

  it('read back is what it stands for, to four digits, whatever the number', () => {
    fc.assert(
      fc.property(value, (one) => {
        const back = read(figure(one));
        // From a thousand on the digits before the point are all there, and none after it.
        const bound = Math.abs(one) >= 1000 && Math.abs(one) < 1e12 ? 0.5 : Math.abs(one) * 5.01e-4;
        expect(Math.abs(back - one)).toBeLessThanOrEqual(bound + Number.MIN_VALUE);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never rises where the number falls', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(read(figure(low))).toBeLessThanOrEqual(read(figure(high)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [999.94, '999.9'],
    [999.96, '1,000'],
    [-999.96, '-1,000'],
    [1e-4, '0.0001'],
    [1e12, '1.000e+12'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('%d is %s', (one, shown) => expect(figure(one)).toBe(shown));
});

describe('a size', () => {
  const size = fc.oneof(fc.nat(2_000_000), fc.double({ min: 0, max: 1e17, noNaN: true }).map(Math.floor));

  it('read back is within half of its third digit, and has no number of a thousand or more', () => {
    fc.assert(
      fc.property(size, (one) => {
        const text = bytes(one);
        expect(Math.abs(readBytes(text) - one)).toBeLessThanOrEqual(one * 5.01e-3);
        expect(text).not.toContain('e');
        if (one < 1e18) expect(Number(text.split(' ')[0])).toBeLessThan(1000);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never falls where there are more bytes', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        expect(readBytes(bytes(Math.min(a, b)))).toBeLessThanOrEqual(readBytes(bytes(Math.max(a, b))));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [999, '999 B'],
    [1000, '1 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [4_000_000_000_000, '4 TB'],
  ])('%d bytes are %s', (one, shown) => expect(bytes(one)).toBe(shown));
});

describe('a time', () => {
  const length = fc.oneof(fc.nat(5_000), fc.double({ min: 0, max: 4e8, noNaN: true }));

  it('read back is right to the last part that is shown, and no part is full', () => {
    fc.assert(
      fc.property(length, (one) => {
        const text = duration(one);
        const bound = one >= 3_599_500 ? 60_000 : one >= 999.5 ? 500 : 0.5;
        expect(Math.abs(readDuration(text) - one)).toBeLessThanOrEqual(bound);
        for (const [, value, part] of text.matchAll(/(\d+) (ms|s|min)/g)) {
          expect(Number(value)).toBeLessThan(part === 'ms' ? 1000 : 60);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is longer where more milliseconds are', () => {
    fc.assert(
      fc.property(length, length, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((one) => readDuration(duration(one)));
        expect(less!).toBeLessThanOrEqual(more!);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [59_499, '59 s'],
    [59_500, '1 min 0 s'],
    [3_599_600, '1 h 0 min'],
  ])('%d ms are %s', (one, shown) => expect(duration(one)).toBe(shown));

  it('ago goes from now to minutes, hours and the day, and is no time ahead of us', () => {
    const now = Date.parse('2026-06-01T12:00:00Z');
    const at = (seconds: number) => ago(new Date(now - seconds * 1000).toISOString(), now);
    expect([59, 60, 3599, 3600, 86_399, 86_400].map(at)).toEqual([
      'just now',
      '1 min ago',
      '59 min ago',
      '1 h ago',
      '23 h ago',
      '2026-05-31',
    ]);
    // A browser's clock may be behind the server's.
    expect(at(-30)).toBe('just now');
    expect(ago('soon', now)).toBe('soon');
  });
});

describe('a share', () => {
  it('read back is right to what is shown, and nothing that is there is shown as 0.0', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.00005, max: 1, noNaN: true }), (share) => {
        const back = Number(percent(share).replace('\u00a0%', ''));
        expect(Math.abs(back - 100 * share)).toBeLessThanOrEqual(share < 0.0005 ? 0.00501 : 0.0501);
        expect(back).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a key in a list', () => {
  const KEYS = [
    'ArrowDown',
    'ArrowUp',
    'ArrowLeft',
    'ArrowRight',
    'j',
    'k',
    'Home',
    'End',
    'PageDown',
    'PageUp',
    'x',
  ];

  it('leads to a row that is there, whatever is pressed in whatever order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.constantFrom(...KEYS), { maxLength: 30 }),
        fc.constantFrom('row' as const, 'column' as const),
        (count, keys, along) => {
          let at = 0;
          for (const key of keys) {
            at = moved(key, at, count, along) ?? at;
            expect(at).toBeGreaterThanOrEqual(0);
            expect(at).toBeLessThan(count);
          }
          expect(moved('End', at, count, along)).toBe(count - 1);
          expect(moved('Home', at, count, along)).toBe(0);
        },
      ),
    );
  });

  it('goes forward and back by one, or by a page, along its own direction alone', () => {
    expect(['ArrowDown', 'j', 'ArrowUp', 'k'].map((key) => moved(key, 5, 100))).toEqual([6, 6, 4, 4]);
    expect([moved('PageDown', 5, 100), moved('PageUp', 50, 100), moved('PageUp', 3, 100)]).toEqual([
      17, 38, 0,
    ]);
    expect(['ArrowRight', 'ArrowLeft'].map((key) => moved(key, 5, 100))).toEqual([undefined, undefined]);
    expect(['ArrowRight', 'ArrowLeft'].map((key) => moved(key, 5, 100, 'row'))).toEqual([6, 4]);
    expect(['ArrowDown', 'j', 'PageDown', 'PageUp'].map((key) => moved(key, 5, 100, 'row'))).toEqual(
      Array(4).fill(undefined),
    );
    expect(moved('ArrowDown', 0, 0)).toBeUndefined();
  });
});
