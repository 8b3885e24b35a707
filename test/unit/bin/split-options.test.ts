import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { editDistance, nearest } from '../../../bin/cli/nearest.ts';
import { figure } from '../../../bin/cli/output.ts';
import { arm, each, GUARD_DEFAULTS, guardOf, positive, share } from '../../../bin/cli/split-options.ts';
import { schemaChanges } from '../../../bin/cli/switch/schema-changes.ts';

describe('options of a split', () => {
  it('are versions with their percents, in the order given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 999_999_999 }), fc.nat(999)), { maxLength: 5 }),
        (pairs) => {
          const read = pairs.reduce<ReturnType<typeof arm>>(
            (before, [version, weight]) => arm(`${version}=${weight}`, before),
            [],
          );
          expect(read).toEqual(pairs.map(([version, weight]) => ({ version: String(version), weight })));
        },
      ),
    );
    expect(['a', 'b'].reduce<string[]>((before, one) => each(one, before), [])).toEqual(['a', 'b']);
  });

  it.each([
    '2',
    '2=',
    '=10',
    '0=10',
    '02=10',
    '2=-1',
    '2=1.5',
    '2=1000',
    ' 2=10',
    '2=10 ',
    '1234567890=1',
    'two=10',
    '2==10',
  ])('refuse the arm %j', (text) => expect(() => arm(text)).toThrow('VERSION=PERCENT'));

  it('take a share from 0 to 1 and a number above 0, and nothing else', () => {
    expect(['0', '1', '0.05', '1e-3'].map(share)).toEqual([0, 1, 0.05, 0.001]);
    expect(['0.1', '15', '1e3'].map(positive)).toEqual([0.1, 15, 1000]);
    for (const text of ['', ' ', '-0.1', '1.1', 'x', 'NaN']) expect(() => share(text)).toThrow('0 to 1');
    for (const text of ['', ' ', '0', '-1', 'x', 'NaN']) expect(() => positive(text)).toThrow('above 0');
  });

  it('are a guard where any bound is said, or one is needed; what is not said is as by default', () => {
    expect(guardOf({}, false)).toBeUndefined();
    expect(guardOf({}, true)).toEqual(GUARD_DEFAULTS);
    const names = {
      maxErrorRate: 'maxErrorRate',
      maxLatency: 'maxLatencyMs',
      minRequests: 'minRequests',
      window: 'windowMinutes',
    } as const;
    for (const [option, bound] of Object.entries(names)) {
      expect(guardOf({ [option]: 0 }, false)).toEqual({ ...GUARD_DEFAULTS, [bound]: 0 });
    }
  });
});

describe('the name that was meant', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 8 });

  it('is found by a distance: none to itself, the same from either side, and no shorter by a detour', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('is one of those that there are, and the name itself where it is one', () => {
    fc.assert(
      fc.property(
        word,
        fc.array(
          word.filter((one) => one !== ''),
          { maxLength: 6 },
        ),
        (name, known) => {
          const found = nearest(name, known);
          if (found !== undefined) expect(known).toContain(found);
          if (known.includes(name)) expect(found).toBe(name);
        },
      ),
    );
    expect(nearest('Houzing', ['wine', 'housing'])).toBe('housing');
    expect(nearest('diab', ['diabetes-readmission', 'wine'])).toBe('diabetes-readmission');
    expect([nearest('zzzzzz', ['wine']), nearest('', ['wine']), nearest('x', [])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a figure on the command line', () => {
  it.each([
    [0, '0'],
    [12, '12'],
    [1_234_567, '1,234,567'],
    [1234.56, '1,235'],
    [0.735912, '0.7359'],
    [-0.5, '-0.5'],
    [1e-9, '1e-9'],
  ])('%d is %s', (value, shown) => expect(figure(value)).toBe(shown));
});

describe('what a switch says of the rows that a model takes', () => {
  const schema = (properties: object, required: string[] = Object.keys(properties)) =>
    ({ type: 'object', properties, required, additionalProperties: false }) as unknown as Parameters<
      typeof schemaChanges
    >[0];

  it('is nothing where nothing changed', () => {
    const one = schema(
      { a: { type: 'number', minimum: 0 }, b: { type: ['string', 'null'], enum: ['x', 'y', null] } },
      ['a'],
    );
    expect(schemaChanges(one, structuredClone(one))).toEqual([]);
  });

  it('is each change by its column', () => {
    const before = schema(
      {
        gone: { type: 'number' },
        kind: { type: 'integer' },
        low: { type: 'number', minimum: 0 },
        opt: { type: 'number' },
        set: { type: 'string', enum: ['x', 'y'] },
        free: { type: 'string' },
        bound: { type: 'string', enum: ['x'] },
      },
      ['gone', 'kind', 'low', 'set', 'free', 'bound'],
    );
    const after = schema(
      {
        fresh: { type: 'number' },
        more: { type: 'number' },
        kind: { type: ['number', 'null'] },
        low: { type: 'number', minimum: 1, maximum: 9 },
        opt: { type: 'number' },
        set: { type: 'string', enum: ['y', 'z'] },
        free: { type: 'string', enum: ['x'] },
        bound: { type: 'string' },
      },
      ['fresh', 'opt', 'set', 'free', 'bound', 'low'],
    );
    expect(schemaChanges(before, after)).toEqual([
      'gone is not taken any more',
      'kind: integer became number or null',
      'kind: now optional',
      'low: minimum 0 became 1',
      'low: maximum none became 9',
      'opt: now required',
      'set: no longer takes x',
      'set: takes also z',
      'free: takes only x now',
      'bound: takes any value now',
      'fresh is new and required',
      'more is new',
    ]);
  });
});
