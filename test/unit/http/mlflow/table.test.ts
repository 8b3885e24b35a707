import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { mlflowRoutes } from '../../../../lib/http/mlflow/index.ts';
import type { Route } from '../../../../lib/http/route.ts';

const FOLDER = new URL('../../../../lib/http/mlflow/', import.meta.url);

/** The lists of routes that the files of the folder export, by name. */
async function exported(): Promise<[string, Route[]][]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.ts') && name !== 'index.ts');
  const modules = await Promise.all(files.map((name) => import(new URL(name, FOLDER).href)));
  return modules.flatMap((module) =>
    Object.entries(module as Record<string, unknown>).filter(
      (entry): entry is [string, Route[]] => entry[0].endsWith('Routes') && Array.isArray(entry[1]),
    ),
  );
}

describe("MLflow's part of the route table", () => {
  it('has every list that a file of the folder makes, once', async () => {
    const lists = await exported();
    expect(lists.length).toBeGreaterThan(5);
    const times = (route: Route) => mlflowRoutes.filter((one) => (one as unknown) === route).length;
    const wrong = lists.filter(
      ([, routes]) => routes.length === 0 || routes.some((route) => times(route) !== 1),
    );
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  it("speaks MLflow's dialect under MLflow's paths", () => {
    const others = mlflowRoutes.filter((route) => route.dialect !== 'mlflow' || route.tag !== 'mlflow');
    expect(others.map(({ id }) => id)).toEqual([]);
  });
});
