import { beforeEach, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../../lib/http/index.ts';
import { rowJsonSchema } from '../../../lib/http/model-schemas.ts';
import { exampleRow } from '../../../lib/table/example-row.ts';
import { profileTable } from '../../../lib/table/index.ts';
import type { RowSchema } from '../../../lib/table/types.ts';
import { addVersion, housingSchema, promote } from './support/engine.ts';
import { makeWorld, type World } from './support/world.ts';

// biome-ignore lint/suspicious/noExplicitAny: a JSON document of any shape
type Json = any;

let world: World;
beforeEach(() => {
  world = makeWorld();
});
const read = async (): Promise<Json> => (await world.call('GET', '/openapi.json')).json;

/** Every value of every `$ref` below a node. */
function refsOf(node: Json): string[] {
  if (Array.isArray(node)) return node.flatMap(refsOf);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => (key === '$ref' ? [String(value)] : refsOf(value)));
}

const resolve = (document: Json, ref: string): Json =>
  ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((node, part) => node?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);

describe('the document', () => {
  it('is OpenAPI 3.1, relative to where it stands, with the version', async () => {
    const document = await read();
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Arboleda', version: '9.9.9' } });
    expect(document.servers).toEqual([{ url: '.' }]);
    expect(JSON.stringify(document)).not.toMatch(/https?:\/\//);
  });

  it('has every route of the table and, without models, no other', async () => {
    const { paths } = await read();
    const written = Object.entries(paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const table = apiRoutes.map((route) => `${route.method} ${route.path.replace('+}', '}')}`);
    expect(written.sort()).toEqual(table.sort());
  });

  it('has only references that resolve', async () => {
    await promote(world, await addVersion(world));
    const document = await read();
    const refs = refsOf(document);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) expect(resolve(document, ref), ref).toBeDefined();
  });

  it('declares every parameter of every path, and each operation once', async () => {
    await promote(world, await addVersion(world));
    const { paths } = await read();
    const ids: string[] = [];
    for (const [path, item] of Object.entries(paths as Record<string, Record<string, Json>>)) {
      for (const operation of Object.values(item)) {
        ids.push(operation.operationId);
        const declared = (operation.parameters ?? []).filter((one: Json) => one.in === 'path');
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        expect(declared.map((one: Json) => one.name).sort()).toEqual(named.sort());
        expect(declared.every((one: Json) => one.required === true)).toBe(true);
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says the bounds that a request is held to', async () => {
    const { paths, components } = await read();
    const schemaOf = (path: string, name: string): Json => {
      const { schema } = paths[path].get.parameters.find((one: Json) => one.name === name);
      return schema.$ref === undefined ? schema : resolve({ components }, schema.$ref);
    };
    const limit = new RegExp(schemaOf('/pipelines/{name}/history', 'limit').pattern);
    const pipeline = new RegExp(schemaOf('/runs', 'pipeline').pattern);
    const token = await world.token('viewer');
    for (const [path, name, value, pattern, status] of [
      ['/pipelines/housing/history', 'limit', '50', limit, 200],
      ['/pipelines/housing/history', 'limit', '51', limit, 400],
      ['/pipelines/housing/history', 'limit', '0', limit, 400],
      ['/runs', 'pipeline', 'housing', pipeline, 200],
      ['/runs', 'pipeline', 'Housing', pipeline, 400],
    ] as const) {
      expect(pattern.test(value), value).toBe(status === 200);
      expect((await world.call('GET', path, { token, query: { [name]: value } })).status, value).toBe(status);
    }
    const body = paths['/pipelines/{name}/collector'].put.requestBody.content['application/json'].schema;
    expect(body.$ref === undefined ? body : resolve({ components }, body.$ref)).toMatchObject({
      minProperties: 1,
    });
  });

  it('says what each route demands: public ones no token, others 401 and 403', async () => {
    const { paths, security } = await read();
    expect(security).toEqual([{ bearer: [] }, { basic: [] }]);
    for (const route of apiRoutes) {
      const operation = paths[route.path.replace('+}', '}')][route.method.toLowerCase()];
      if (route.permission === 'public') {
        expect(operation.security).toEqual([]);
        expect(operation.responses).not.toHaveProperty('401');
      } else {
        expect(operation.security).toBeUndefined();
        expect(Object.keys(operation.responses)).toEqual(
          expect.arrayContaining(['400', '401', '403', '500']),
        );
        expect(operation.description).toMatch(/^Roles: .*admin\.$/);
      }
      expect(Object.keys(operation.responses).some((status) => Number(status) < 400)).toBe(true);
    }
  });

  it('requires a body exactly where the route does', async () => {
    const { paths } = await read();
    expect(paths['/tokens'].post.requestBody.required).toBe(true);
    expect(paths['/pipelines/{name}/runs'].post.requestBody.required).toBe(false);
    expect(paths['/runs'].get.requestBody).toBeUndefined();
    const mlflow = '/api/2.0/mlflow';
    expect(paths[`${mlflow}/experiments/create`].post.requestBody.required).toBe(true);
    // Nothing in it is required, but that it is JSON must be said.
    expect(paths[`${mlflow}/runs/create`].post.requestBody.required).toBe(true);
    expect(paths[`${mlflow}/logged-models/{model_id}/tags`].patch.requestBody.required).toBe(false);
    expect(paths['/pipelines/{name}/runs'].post.parameters).toContainEqual(
      expect.objectContaining({ name: 'idempotency-key', in: 'header' }),
    );
  });
});

describe("a model's own schema", () => {
  beforeEach(async () => promote(world, await addVersion(world)));

  it('stands in the document, from the model file', async () => {
    const { components } = await read();
    expect(components.schemas.Row_housing).toEqual({
      type: 'object',
      title: 'A row of housing',
      description: 'Version 1; predicts price',
      properties: {
        area: { type: 'number', minimum: 0, maximum: 400 },
        // Another zone is predicted with too, and warned of: the document must not say that it is refused.
        zone: { type: ['string', 'null'], examples: ['A', 'B'], description: 'Zoning' },
      },
      required: ['area'],
      additionalProperties: false,
    });
  });

  it('is what its own path and, for the default model, /predict take', async () => {
    const { paths } = await read();
    const own = paths['/models/housing/predict'].post;
    const content = own.requestBody.content['application/json'];
    expect(content.schema.anyOf[0]).toEqual({ $ref: '#/components/schemas/Row_housing' });
    expect(content.schema.anyOf[1].properties.rows).toMatchObject({ minItems: 1, maxItems: 1000 });
    expect(paths['/predict'].post.requestBody).toEqual(own.requestBody);
    expect(own.parameters.map((one: Json) => one.name).sort()).toEqual([
      'alias',
      'arboleda-key',
      'arboleda-probe',
      'explain',
      'key',
      'stage',
      'version',
    ]);
  });

  it('has an example that the model takes', async () => {
    const { paths } = await read();
    const { value } =
      paths['/models/housing/predict'].post.requestBody.content['application/json'].examples.row;
    const token = await world.token('predictor');
    const { status, json } = await world.call('POST', '/predict', { token, json: value });
    expect([status, json.warnings]).toEqual([200, []]);
  });

  it('follows a promotion', async () => {
    await promote(world, await addVersion(world, { base: 7 }));
    world.clock.advance(5_000);
    expect((await read()).components.schemas.Row_housing.description).toMatch(/^Version 2/);
  });

  it('is left out while its file is broken, and the rest stands', async () => {
    for (const key of world.objects.keys()) await world.objects.remove(key);
    const { paths, components } = await read();
    expect(paths).not.toHaveProperty('/models/housing/predict');
    expect(components.schemas).not.toHaveProperty('Row_housing');
    expect(paths).toHaveProperty('/models/{name}/predict');
  });

  it('of another workspace is not told to the public', async () => {
    await promote(world, await addVersion(world, { name: 'hidden', workspace: 'elsewhere' }), {
      name: 'hidden',
      workspace: 'elsewhere',
    });
    expect(JSON.stringify(await read())).not.toContain('hidden');
  });
});

describe('rowJsonSchema and exampleRow', () => {
  const schema: RowSchema = {
    columns: [
      { name: 'count', kind: 'integer', minimum: 1, maximum: 4, nullable: false },
      { name: 'share', kind: 'number', minimum: 0.5, nullable: false },
      { name: 'sold', kind: 'date', nullable: false },
      { name: 'new', kind: 'boolean', nullable: true },
      { name: 'note', kind: 'text', nullable: true },
      { name: 'y', kind: 'category', categories: ['a'], nullable: false },
    ],
  };
  const model = { name: 'm', version: '3', target: 'y', rowSchema: schema };

  it('have every column but the target', () => {
    expect(rowJsonSchema(model)).toMatchObject({
      properties: {
        count: { type: 'integer', minimum: 1, maximum: 4 },
        share: { type: 'number', minimum: 0.5 },
        sold: { type: 'string', format: 'date-time' },
        new: { type: ['boolean', 'null'] },
        note: { type: ['string', 'null'] },
      },
      required: ['count', 'share', 'sold'],
    });
    expect(exampleRow(model)).toEqual({
      count: 2,
      share: 0.5,
      sold: '2026-01-31T00:00:00.000Z',
      new: true,
      note: 'text',
    });
  });

  it('say of integers without bounds how far they are exact, as the cells are read', () => {
    const open: RowSchema = {
      columns: [
        { name: 'count', kind: 'integer', nullable: false },
        { name: 'above', kind: 'integer', exclusiveMinimum: 0, nullable: true },
      ],
    };
    const { properties } = rowJsonSchema({ ...model, rowSchema: open });
    expect(properties).toEqual({
      count: { type: 'integer', minimum: -(2 ** 53) + 1, maximum: 2 ** 53 - 1 },
      above: { type: ['integer', 'null'], exclusiveMinimum: 0, maximum: 2 ** 53 - 1 },
    });
  });

  it('take medians and the most frequent category where the training rows are known', () => {
    const rows = { count: new Float64Array([2, 3, 3]), share: new Float64Array([0.5, 0.71234, 0.9]) };
    const profile = profileTable({
      rowCount: 3,
      columns: [
        { name: 'count', kind: 'integer', values: rows.count },
        { name: 'share', kind: 'number', values: rows.share },
        { name: 'new', kind: 'boolean', values: new Float64Array([0, 0, 1]) },
        { name: 'note', kind: 'text', codes: new Int32Array([1, 1, 0]), categories: ['rare', 'usual'] },
      ],
    });
    expect(exampleRow({ ...model, profile })).toEqual({
      count: 3,
      share: 0.7123,
      sold: '2026-01-31T00:00:00.000Z',
      new: false,
      note: 'usual',
    });
  });

  it('leave out what the model does not read', () => {
    const reads = { ...model, input: ['share', 'note'] };
    expect(rowJsonSchema(reads)).toMatchObject({ required: ['share'] });
    expect(exampleRow(reads)).toEqual({ share: 0.5, note: 'text' });
  });

  it('stand a column named __proto__', () => {
    const odd = {
      ...model,
      rowSchema: { columns: [{ name: '__proto__', kind: 'number', nullable: false } as const] },
    };
    expect(Object.keys(rowJsonSchema(odd).properties as object)).toEqual(['__proto__']);
    expect(Object.keys(exampleRow(odd))).toEqual(['__proto__']);
    expect(exampleRow({ ...model, rowSchema: housingSchema, target: 'price' })).toEqual({
      area: 200,
      zone: 'A',
    });
  });
});
