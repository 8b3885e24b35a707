import type { PipelineList } from './api-types.ts';
import type { ApiClient } from './client.ts';

/** Reads the token from the local file at the time of the call, so that it stands in no history and no log. */
const TOKEN = '$(npx arboleda token show)';

/** Three commands that can be pasted: health, a prediction by the first model, the runs. */
export async function curlCommands(client: ApiClient, apiUrl: string): Promise<string[]> {
  const { pipelines } = await client.get<PipelineList>('/pipelines');
  const first = pipelines[0];
  const auth = `-H "Authorization: Bearer ${TOKEN}"`;
  const commands = [`curl -s ${apiUrl}/health`];
  if (first) {
    const body = shellQuoted(JSON.stringify(await exampleRow(client, first.model)));
    commands.push(
      `curl -s ${auth} -H 'Content-Type: application/json' -d ${body} ${apiUrl}/models/${first.model}/predict`,
    );
  }
  return [...commands, `curl -s ${auth} '${apiUrl}/runs?limit=5'`];
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
