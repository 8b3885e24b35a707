import type { RowSchema } from './fields.ts';

/** What a form needs to know of a model. */
export interface FormModel {
  model: string;
  version: string;
  target: string;
  schema: RowSchema;
  example: Record<string, unknown>;
  tags?: Record<string, string>;
}

interface Operation {
  requestBody?: {
    content?: Record<
      string,
      { schema?: { anyOf?: { $ref?: string }[] }; examples?: { row?: { value?: Record<string, unknown> } } }
    >;
  };
}
export interface OpenApi {
  paths?: Record<string, { post?: Operation }>;
  components?: { schemas?: Record<string, RowSchema & { description?: string }> };
}

/**
 * The promoted models of the public document, for a token that may predict and read nothing else: its rows' schemas are
 * all that such a caller needs.
 */
export function modelsOf(document: OpenApi): FormModel[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, { post }]) => {
    const name = /^\/models\/([^/{}]+)\/predict$/.exec(path)?.[1];
    const content = post?.requestBody?.content?.['application/json'];
    const reference = content?.schema?.anyOf?.[0]?.$ref?.split('/').at(-1);
    const schema = reference === undefined ? undefined : document.components?.schemas?.[reference];
    if (name === undefined || schema === undefined) return [];
    const [, version = '', target = ''] =
      /^Version (\S+); predicts (.*)$/s.exec(schema.description ?? '') ?? [];
    return [
      {
        model: decodeURIComponent(name),
        version,
        target,
        schema,
        example: content?.examples?.row?.value ?? {},
      },
    ];
  });
}
