import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { apiRoutes } from '../../lib/http/index.ts';
import { clientSettings } from '../../lib/http/mlflow/client-settings.ts';
import { AREAS, type CaseResult, DEPLOYED_AREAS, OWN_AREAS, runClient } from './support/client.ts';
import { type Difference, differences } from './support/compare.ts';
import { countsTable, endpointOf } from './support/counts.ts';
import { KNOWN, knownFor, matches } from './support/known.ts';

/**
 * The real client against `mlflow server` and against Arboleda: what a case claims must hold on both, and what it shows must be the
 * same, but for the documented differences. `AREAS=registry,search` runs some.
 */
const { python, mlflow, arboleda } = inject('conformance');
const wanted = process.env.AREAS?.split(',');
const chosen = (areas: readonly string[]): readonly string[] =>
  areas.filter((area) => wanted === undefined || wanted.includes(area.split('.')[1] as string));
const areas = chosen(AREAS);
const ownAreas = chosen(arboleda.deployed ? [...OWN_AREAS, ...DEPLOYED_AREAS] : OWN_AREAS);
const tag = randomBytes(3).toString('hex');
const ownEnv = {
  // Exactly what the page and the command line tell a user.
  ...clientSettings(arboleda.url, arboleda.operator),
  ARBOLEDA_VIEWER: arboleda.viewer,
  ARBOLEDA_STRANGER: arboleda.stranger,
};
// Both at once, one process each: they share neither a server nor a core.
const [truth, all] = await Promise.all([
  runClient(python, { name: 'mlflow server', url: mlflow }, areas, tag),
  runClient(python, { name: 'Arboleda', url: arboleda.url, env: ownEnv }, [...areas, ...ownAreas], tag),
]);
const ours = all.slice(0, truth.length);
const own = all.slice(truth.length);

interface Pair {
  name: string;
  /** On MLflow's server. */
  theirs: CaseResult;
  ours: CaseResult;
  found: readonly Difference[];
}
const nameOf = ({ area, title }: CaseResult): string => `${area}: ${title}`;
const pairs: readonly Pair[] = truth.map((theirs, at) => {
  const mine = ours[at] as CaseResult;
  return { name: nameOf(theirs), theirs, ours: mine, found: differences(theirs.shown, mine.shown) };
});

/** What no row documents, a line each. */
const unknown = ({ name, found }: Pair): string[] =>
  found
    .filter(({ path }) => knownFor(name, path) === undefined)
    .map((one) => `${one.path}: MLflow ${text(one.mlflow)} | Arboleda ${text(one.arboleda)}`);
const text = (value: unknown): string => JSON.stringify(value)?.slice(0, 400) ?? 'nothing';

describe.each(areas.map((area) => area.split('.')[1]))('%s', (area) => {
  it.each(pairs.filter(({ theirs }) => theirs.area === area))('$name', (pair) => {
    expect(pair.theirs.error, 'on the server of MLflow').toBeNull();
    expect(pair.ours.error, 'on Arboleda').toBeNull();
    expect(unknown(pair).join('\n')).toBe('');
  });
});

it.each(own.map((result) => ({ ...result, name: nameOf(result) })))(
  'only on Arboleda, $name',
  ({ error }) => {
    expect(error).toBeNull();
  },
);

const ran = KNOWN.filter((row) => pairs.some(({ name }) => matches(row.case, name)));

it.each(ran)('a documented difference is still one: $case $path', (row) => {
  const found = pairs.some(
    (pair) => matches(row.case, pair.name) && pair.found.some(({ path }) => matches(row.path, path)),
  );
  expect(found, 'take the row out: it is no difference any more').toBe(true);
});

// Both of these are said of all areas together.
if (wanted === undefined) {
  it('documents differences of cases that there are', () => {
    expect(ran).toEqual([...KNOWN]);
  });

  it('calls every endpoint', () => {
    const called = new Set(all.flatMap(({ calls }) => calls.map(endpointOf)));
    // Those of the protocol, serving included. What is not implemented has no route; own/endpoints.py asks for it.
    const table = apiRoutes
      .filter(({ dialect, tag, id }) => dialect === 'mlflow' || tag === 'mlflow' || id === 'ping')
      .map(({ method, path }) => `${method} ${path}`);
    expect(table.length).toBeGreaterThan(70);
    expect(table.filter((endpoint) => !called.has(endpoint))).toEqual([]);
  });
}

afterAll(() => {
  const judged = pairs.map((pair) => ({
    theirs: pair.theirs,
    ours: pair.ours,
    passed: pair.ours.error === null && unknown(pair).length === 0,
  }));
  process.stdout.write(countsTable(judged, own));
});
