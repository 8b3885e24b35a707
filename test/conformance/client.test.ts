import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { AREAS, type CaseResult, runClient, type Target } from './support/client.ts';
import { type Difference, differences } from './support/compare.ts';
import { countsTable } from './support/counts.ts';
import { KNOWN, knownFor, matches } from './support/known.ts';

/**
 * The real client against `mlflow server` and against Arboleda: what a case claims must hold on both, and what it shows must be the
 * same, but for the documented differences. `AREAS=registry,search` runs some.
 */
const { python, mlflow, arboleda } = inject('conformance');
const areas = process.env.AREAS?.split(',') ?? AREAS;
const tag = randomBytes(3).toString('hex');
const targets: Target[] = [
  { name: 'mlflow server', url: mlflow },
  { name: 'Arboleda', ...arboleda },
];
// Both at once, one process each: they share neither a server nor a core.
const [truth, ours] = (await Promise.all(targets.map((target) => runClient(python, target, areas, tag)))) as [
  CaseResult[],
  CaseResult[],
];

const nameOf = ({ area, title }: CaseResult): string => `${area}: ${title}`;
const pairs = truth.map((result, at) => ({ name: nameOf(result), result, own: ours[at] as CaseResult }));
const differing = new Map<string, Difference[]>(
  pairs.map(({ name, result, own }) => [name, differences(result.shown, own.shown)]),
);
/** What no row documents, a line each. */
const unknown = (name: string): string[] =>
  (differing.get(name) ?? [])
    .filter(({ path }) => knownFor(name, path) === undefined)
    .map(({ path, mlflow, arboleda }) => `${path}: MLflow ${text(mlflow)} | Arboleda ${text(arboleda)}`);
const text = (value: unknown): string => JSON.stringify(value)?.slice(0, 400) ?? 'nothing';

describe.each(areas)('%s', (area) => {
  it.each(pairs.filter(({ result }) => result.area === area))('$name', ({ name, result, own }) => {
    expect(result.error, 'on the server of MLflow').toBeNull();
    expect(own.error, 'on Arboleda').toBeNull();
    expect(unknown(name).join('\n')).toBe('');
  });
});

describe('the documented differences', () => {
  const ran = KNOWN.filter((row) => pairs.some(({ name }) => matches(row.case, name)));

  it.each(ran)('still differ: $case $path', (row) => {
    const found = [...differing].some(
      ([name, list]) => matches(row.case, name) && list.some(({ path }) => matches(row.path, path)),
    );
    expect(found, 'take the row out: it is no difference any more').toBe(true);
  });

  it('speak of cases that there are', () => {
    if (process.env.AREAS === undefined) expect(ran).toEqual([...KNOWN]);
  });
});

afterAll(() => {
  const failed = new Set(pairs.filter(({ name, own }) => own.error !== null || unknown(name).length > 0));
  process.stdout.write(countsTable(pairs.map((pair) => ({ ...pair, passed: !failed.has(pair) }))));
});
