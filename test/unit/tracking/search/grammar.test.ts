import { describe, expect, it } from 'vitest';
import { InvalidSearchError, parseFilter, parseOrderBy } from '../../../../lib/tracking/search/index.ts';
import type { SearchKind } from '../../../../lib/tracking/search/types.ts';
import recorded from './mlflow-grammar.json' with { type: 'json' };

/**
 * What MLflow 3.17.2 itself made of these texts: its parsers were run on each, and their conditions or their error recorded
 * (`broke` where it ends with an error of Python, which its server answers as a 500).
 */
type Recorded = { kind: string; text: string; error?: string; broke?: string };

/** Python prints a set in any order; and pieces that it lists may be split otherwise: what it says of them counts. */
const normal = (message: string): string =>
  message.replace(/\{('[^{}]*')\}/g, (_, inside: string) => `{${inside.split(', ').sort().join(', ')}}`);

function outcome<T>(parse: () => T): { value: T } | { error: string } {
  try {
    return { value: parse() };
  } catch (error) {
    if (!(error instanceof InvalidSearchError)) throw error;
    return { error: normal(error.message) };
  }
}

describe.each(recorded.filters as (Recorded & { clauses?: unknown[] })[])(
  'a filter of a $kind: $text',
  ({ kind, text, clauses, error, broke }) => {
    it('is read as MLflow reads it', () => {
      const found = outcome(() => parseFilter(text, kind as SearchKind));
      if (broke !== undefined) expect(found).toHaveProperty('error');
      else if (error !== undefined) expect(found).toEqual({ error });
      else expect(found).toEqual({ value: clauses });
    });
  },
);

describe.each(recorded.orders as (Recorded & { key?: unknown[] })[])(
  'an order of $kind: $text',
  ({ kind, text, key, error, broke }) => {
    it('is read as MLflow reads it', () => {
      const found = outcome(() => parseOrderBy([text], kind as SearchKind)[0]);
      if (broke !== undefined) expect(found).toHaveProperty('error');
      else if (error !== undefined) expect(found).toEqual({ error });
      else {
        const [type, name, ascending] = key as [string, string, boolean];
        expect(found).toEqual({ value: { type, key: name, ascending } });
      }
    });
  },
);
