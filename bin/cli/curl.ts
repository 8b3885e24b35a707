import type { PipelineList } from './api-types.ts';
import type { ApiClient } from './client.ts';

/** Reads the token from the local file at the time of the call, so that it stands in no history and no log. */
const AUTH = '-H "Authorization: Bearer $(npx arboleda token show)"';

/**
 * Three commands that can be pasted: health, a prediction, the runs.
 * @param ran the pipelines that have just been run: the prediction is by the first of them, where there are any.
 */
export async function curlCommands(
  client: ApiClient,
  apiUrl: string,
  ran: readonly string[] = [],
): Promise<string[]> {
  const { pipelines } = await client.get<PipelineList>('/pipelines');
  const first = pipelines.find(({ name }) => name === ran[0]) ?? pipelines[0];
  const commands = [`curl -s ${apiUrl}/health`];
  if (first) commands.push(predictCurl(apiUrl, first.model, await exampleRow(client, first.model)));
  return [...commands, `curl -s ${AUTH} '${apiUrl}/runs?limit=5'`];
}

/** A prediction for one row; by a version where one is given, else by what `production` holds. */
export function predictCurl(
  apiUrl: string,
  model: string,
  row: Record<string, unknown>,
  version?: string,
): string {
  // Nothing is left that a shell would read: encodeURIComponent keeps these.
  const name = encodeURIComponent(model).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const url = `${apiUrl}/models/${name}/predict`;
  const target = version === undefined ? url : `'${url}?version=${version}'`;
  return `curl -s ${AUTH} -H 'Content-Type: application/json' -d ${shellQuoted(JSON.stringify(row))} ${target}`;
}

interface Documented {
  paths?: Record<string, { post?: { requestBody?: { content?: Record<string, Example> } } }>;
}
interface Example {
  examples?: { row?: { value?: Record<string, unknown> } };
}

/** A typical row of the model, from the API's own document; an empty one where nothing is promoted yet. */
async function exampleRow(client: ApiClient, model: string): Promise<Record<string, unknown>> {
  const { paths } = await client.get<Documented>('/openapi.json');
  const content = paths?.[`/models/${model}/predict`]?.post?.requestBody?.content;
  return content?.['application/json']?.examples?.row?.value ?? {};
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
