import { metricDirection, metricNames } from '../../../lib/learn/metrics/names.ts';
import type { Run } from '../../../lib/tracking/types.ts';

/** Runs that stand beside each other. */
export const LEAST_RUNS = 2;
export const MOST_RUNS = 10;

export const GROUPS = ['run', 'metrics', 'params', 'data', 'code', 'tags'] as const;
export type Group = (typeof GROUPS)[number];

/** One thing of all runs; undefined where a run does not have it. Pure, so that tests need no page. */
export interface CompareRow {
  group: Group;
  name: string;
  values: (string | number | undefined)[];
  /** Whether the runs differ in it. */
  differs: boolean;
  /** Of a metric whose better side is known: the places of the best value; empty where all are equal. */
  best: number[];
}

/** The first `MOST_RUNS` ids that are ids, each once, in their order. */
export const askedFor = (ids: readonly string[]): string[] =>
  [...new Set(ids.filter((id) => /^[0-9a-f]{32}$/.test(id)))].slice(0, MOST_RUNS);

/** Everything that runs have, a row each, by group and name. */
export function compareRows(runs: readonly Run[]): CompareRow[] {
  const of: Record<Group, (run: Run) => Record<string, string | number | undefined>> = {
    run: (run) => ({
      pipeline: run.pipeline,
      status: run.status.toLowerCase(),
      seconds: tookSeconds(run),
      'started by': run.trigger,
      attempt: run.attempt,
      version: versionOf(run.tags),
      algorithm: run.tags['model.algorithm'],
    }),
    metrics: (run) => run.metrics,
    params: (run) => run.params,
    data: ({ lineage, tags }) => ({
      rows: tags['data.rows'],
      source: lineage.sourceSha256,
      dataset: lineage.datasetSha256,
      'kind of source': tags['data.source'],
      generated: tags['data.synthetic'],
    }),
    code: ({ lineage }) => ({
      definition: lineage.definitionSha256,
      'lock file': lineage.lockfileSha256,
      'Node.js': lineage.nodeVersion,
      ...Object.fromEntries(
        Object.entries(lineage.codeVersions ?? {}).map(([stage, hash]) => [`code of ${stage}`, hash]),
      ),
    }),
    tags: ({ tags }) => Object.fromEntries(Object.entries(tags).filter(([name]) => !SHOWN_ABOVE.has(name))),
  };
  return GROUPS.flatMap((group) => {
    const records = runs.map(of[group]);
    const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
    if (group !== 'run' && group !== 'data') names.sort(group === 'metrics' ? testRowsFirst : undefined);
    return names
      .map((name) =>
        rowOf(
          group,
          name,
          records.map((record) => record[name]),
        ),
      )
      .filter(({ values }) => values.some((value) => value !== undefined));
  });
}

/** Tags that a row of another group says. */
const SHOWN_ABOVE = new Set([
  'model.name',
  'model.version',
  'model.algorithm',
  'data.rows',
  'data.source',
  'data.synthetic',
]);

function rowOf(group: Group, name: string, values: CompareRow['values']): CompareRow {
  const differs = values.some((value) => !Object.is(value, values[0]));
  return { group, name, values, differs, best: group === 'metrics' && differs ? bestOf(name, values) : [] };
}

/** Figures of the validation rows, folds and candidates come after those of the test rows. */
const testRowsFirst = (a: string, b: string): number => {
  const late = (name: string) => Number(/^(validation|candidate|cv|fold)_/.test(name));
  return late(a) - late(b) || (a < b ? -1 : 1);
};

/** The metric that a name measures, without where it was measured. */
const plainName = (name: string): string => name.replace(/^(validation|candidate|cv|fold)_/, '');

/** Whether more of it is better; undefined of a metric that the platform does not know. */
export function direction(name: string): 'maximize' | 'minimize' | undefined {
  const plain = plainName(name);
  return metricNames.includes(plain) ? metricDirection(plain) : undefined;
}

function bestOf(name: string, values: CompareRow['values']): number[] {
  const side = direction(name);
  const numbers = values.filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[];
  if (side === undefined || numbers.length < 2) return [];
  const best = side === 'maximize' ? Math.max(...numbers) : Math.min(...numbers);
  return [...values.keys()].filter((i) => values[i] === best);
}

const tookSeconds = ({ startTime, endTime }: Run): number | undefined =>
  endTime === undefined ? undefined : (Date.parse(endTime) - Date.parse(startTime)) / 1_000;

function versionOf(tags: Record<string, string>): string | undefined {
  const { 'model.name': name, 'model.version': version } = tags;
  return name === undefined || version === undefined ? undefined : `${name} ${version}`;
}

/** How a figure stands to the first run's: the difference, and whether that is better. */
export function change(
  row: CompareRow,
  i: number,
): { by: number; isBetter: boolean | undefined } | undefined {
  const [first, own] = [row.values[0], row.values[i]];
  if (i === 0 || typeof first !== 'number' || typeof own !== 'number' || own === first) return undefined;
  const side = direction(row.name);
  return {
    by: own - first,
    isBetter: side === undefined ? undefined : own > first === (side === 'maximize'),
  };
}
