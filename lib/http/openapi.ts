import * as z from 'zod';
import { createDocument, type oas31, type ZodOpenApiOperationObject } from 'zod-openapi';
import { exampleRow } from '../table/example-row.ts';
import { type DocumentedModel, rowJsonSchema } from './model-schemas.ts';
import { rolesFor } from './permissions.ts';
import type { Route } from './route.ts';
import { errorBody, mlflowErrorBody } from './schemas.ts';

/** What a route that takes a body may answer besides. */
const OF_BODIES: Record<number, string> = {
  413: 'The body is too large',
  415: "The body's type is not the one that is documented",
};
const OF_INPUT: Record<number, string> = {
  400: 'The request breaks its schema; `field` names where',
  404: 'Something that the request names is not there',
};

/** What every protected route may answer besides what the table says. */
const COMMON: Record<number, string> = {
  400: 'The request breaks its schema; `field` names where',
  401: 'No token, or one that is unknown, revoked or expired',
  403: "The token's role may not do this",
  500: 'An unexpected error; the log has the request id',
};

const TAGS = [
  { name: 'serving', description: 'Predictions by registered models' },
  { name: 'pipelines', description: 'Runs of pipelines' },
  { name: 'data', description: 'Datasets pushed by callers' },
  { name: 'tracking', description: 'Experiments, runs, metrics, artifacts' },
  { name: 'registry', description: 'Models, versions, aliases' },
  {
    name: 'mlflow',
    description: "MLflow's REST API, for its clients: set MLFLOW_TRACKING_URI to this address",
  },
  { name: 'access', description: 'Tokens and upkeep' },
  { name: 'pages', description: 'What people read' },
];

export interface OpenApiOptions {
  version: string;
  /** Models whose rows get a schema and a path of their own. */
  models: readonly DocumentedModel[];
  /** The model behind POST /predict. */
  defaultModel?: string;
}

/**
 * The OpenAPI 3.1 document of the route table. `servers` is relative (`.`), so that it is right behind any stage prefix:
 * a relative server URL is resolved against the document's own address.
 */
export function openApiDocument<D>(
  routes: readonly Route<D>[],
  options: OpenApiOptions,
): oas31.OpenAPIObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\+\}$/, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Arboleda',
      version: options.version,
      description: 'Serverless MLOps for tabular models: pipelines, tracking, a registry, predictions.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.' }],
    tags: TAGS,
    security: [{ bearer: [] }, { basic: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic', description: 'Any user name; the token as password' },
      },
    },
  });
  for (const model of options.models) addModel(document, model, options.defaultModel === model.name);
  return document;
}

function operation<D>(route: Route<D>): ZodOpenApiOperationObject {
  const { params, query, headers, body } = route.request;
  const isPublic = route.permission === 'public';
  const access = isPublic ? 'Public.' : `Roles: ${rolesFor(route.permission).join(', ')}.`;
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: access,
    ...(isPublic ? { security: [] } : {}),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { header: headers }),
    },
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse(undefined).success,
            content: { 'application/json': { schema: body } },
          },
        }),
    responses: responsesOf(route, isPublic),
  } as ZodOpenApiOperationObject;
}

function responsesOf<D>(route: Route<D>, isPublic: boolean): ZodOpenApiOperationObject['responses'] {
  const responses: Record<string, unknown> = {};
  const errors = route.dialect === 'mlflow' ? mlflowErrorBody : errorBody;
  for (const [status, spec] of Object.entries(route.responses)) {
    const isError = Number(status) >= 400;
    const schema =
      spec.schema ?? (isError ? errors : spec.contentType === undefined ? undefined : z.string());
    responses[status] = {
      description: spec.description,
      ...(schema === undefined ? {} : { content: { [spec.contentType ?? 'application/json']: { schema } } }),
    };
  }
  const { params, query, body } = route.request;
  const besides: Record<number, string> = {
    ...Object.fromEntries(Object.entries(COMMON).filter(([status]) => !isPublic || Number(status) >= 500)),
    ...(params === undefined && query === undefined && body === undefined ? {} : OF_INPUT),
    ...(body === undefined ? {} : OF_BODIES),
  };
  for (const [status, description] of Object.entries(besides)) {
    if (responses[status] !== undefined) continue;
    responses[status] = { description, content: { 'application/json': { schema: errors } } };
  }
  return responses as ZodOpenApiOperationObject['responses'];
}

/**
 * The row as the endpoint takes it. Its schema names the categories of training, for forms; here another text is sound too: it
 * is predicted with and warned of, unless a step of the pipeline refuses it.
 */
function takenRow(model: DocumentedModel) {
  const schema = rowJsonSchema(model);
  const columns = Object.entries(schema.properties as Record<string, { enum?: unknown[] }>);
  const properties = columns.map(([name, { enum: categories, ...column }]) => [
    name,
    categories === undefined
      ? column
      : { ...column, examples: categories.filter((category) => category !== null) },
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** A path and a row schema of a model's own, beside `/models/{name}/predict`: a concrete path wins over a templated one. */
function addModel(document: oas31.OpenAPIObject, model: DocumentedModel, isDefault: boolean): void {
  const generic = document.paths?.['/models/{name}/predict']?.post;
  if (generic === undefined) return;
  const rowName = `Row_${model.name.replace(/[^A-Za-z0-9._-]/g, '_')}`;
  const schemas = { ...document.components?.schemas, [rowName]: takenRow(model) as oas31.SchemaObject };
  document.components = { ...document.components, schemas };
  const row = { $ref: `#/components/schemas/${rowName}` };
  const rows: oas31.SchemaObject = {
    type: 'object',
    properties: { rows: { type: 'array', items: row, minItems: 1, maxItems: 1000 } },
    required: ['rows'],
    additionalProperties: false,
  };
  const example = exampleRow(model);
  const requestBody: oas31.RequestBodyObject = {
    required: true,
    content: {
      'application/json': {
        schema: { anyOf: [row, rows] },
        examples: { row: { value: example }, rows: { value: { rows: [example, example] } } },
      },
    },
  };
  const parameters = generic.parameters?.filter(
    (parameter) => !('in' in parameter && parameter.in === 'path'),
  );
  document.paths = {
    ...document.paths,
    [`/models/${encodeURIComponent(model.name)}/predict`]: {
      post: {
        ...generic,
        operationId: `predict_${rowName.slice(4)}`,
        summary: `Predict ${model.target} with ${model.name}`,
        parameters,
        requestBody,
      },
    },
  };
  const byDefault = document.paths['/predict']?.post;
  if (isDefault && byDefault !== undefined) byDefault.requestBody = requestBody;
}
