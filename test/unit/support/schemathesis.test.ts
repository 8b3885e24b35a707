import { describe, expect, it } from 'vitest';
import { apiRoutes } from '../../../lib/http/index.ts';
import { EXCUSES } from '../../schemathesis/support/excuses.ts';
import { GROUPS } from '../../schemathesis/support/groups.ts';
import type { Sent } from '../../schemathesis/support/run.ts';
import { statuses, tallies } from '../../schemathesis/support/tally.ts';

/** What the long run of schemathesis asks, and how it counts: the run itself is `npm run schemathesis:long`. */

describe('the groups of the long run', () => {
  it('hold every path of the document, each once', () => {
    const paths = [...new Set(apiRoutes.map(({ path }) => path))];
    const placed = paths.map((path) => [path, GROUPS.filter(([, of]) => new RegExp(of).test(path)).length]);
    expect(placed.filter(([, count]) => count !== 1)).toEqual([]);
  });

  it('are none of them empty', () => {
    const empty = GROUPS.filter(([, of]) => !apiRoutes.some(({ path }) => new RegExp(of).test(path)));
    expect(empty).toEqual([]);
  });
});

describe('the excuses', () => {
  it('are each for an operation that there is', () => {
    const operations = apiRoutes.map(({ method, path }) => `${method} ${path}`);
    const idle = EXCUSES.filter(
      (excuse) => !operations.some((one) => new RegExp(excuse.operations).test(one)),
    );
    expect(idle).toEqual([]);
  });

  it('excuse words, never an operation as a whole', () => {
    for (const { says, why } of EXCUSES) {
      expect(new RegExp(says).test('something else is wrong with this request'), says).toBe(false);
      expect(why.length).toBeGreaterThan(15);
    }
  });
});

describe('the count of cases', () => {
  const sent = (
    operation: string,
    phase: Sent['phase'],
    mode: Sent['mode'],
    status: number,
    count: number,
  ): Sent => ({
    operation,
    phase,
    mode,
    status,
    count,
  });

  it('leaves out what a check sent on its own behalf, and tells sound ones that were taken', () => {
    const all = [
      sent('GET /b', 'fuzzing', 'positive', 200, 7),
      sent('GET /b', 'coverage', 'positive', 404, 2),
      sent('GET /b', 'fuzzing', 'negative', 400, 11),
      sent('GET /b', 'check', '', 401, 20),
      sent('GET /a', 'examples', 'positive', 302, 1),
    ];
    expect(tallies(all)).toEqual([
      { operation: 'GET /a', cases: 1, sound: 1, taken: 1 },
      { operation: 'GET /b', cases: 20, sound: 9, taken: 7 },
    ]);
    expect(statuses(all)).toBe('200: 7, 302: 1, 400: 11, 401: 20, 404: 2');
  });
});
