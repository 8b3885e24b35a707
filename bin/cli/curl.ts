import type { PipelineDescription } from '../../lib/http/types.ts';
import type { ColumnSpec } from '../../lib/table/types.ts';
import type { PipelineList } from './api-types.ts';
import { type ApiClient, path } from './client.ts';

/** Reads the token from the local file at the time of the call, so that it stands in no history and no log. */
const TOKEN = '$(npx arboleda token show)';

/** Three commands that can be pasted: health, a prediction by the first model, the runs. */
export async function curlCommands(client: ApiClient, apiUrl: string): Promise<string[]> {
  const { pipelines } = await client.get<PipelineList>('/pipelines');
  const first = pipelines[0];
  const auth = `-H "Authorization: Bearer ${TOKEN}"`;
  const commands = [`curl -s ${apiUrl}/health`];
  if (first) {
    const { definition } = await client.get<PipelineDescription>(path`/pipelines/${first.name}`);
    const columns = (definition.schema as { columns?: ColumnSpec[] } | undefined)?.columns ?? [];
    const body = shellQuoted(JSON.stringify(sampleRow(columns, first.target)));
    commands.push(
      `curl -s ${auth} -H 'Content-Type: application/json' -d ${body} ${apiUrl}/models/${first.model}/predict`,
    );
  }
  return [...commands, `curl -s ${auth} '${apiUrl}/runs?limit=5'`];
}

/** A row that the schema allows: for an example, not a likely one. */
export function sampleRow(columns: readonly ColumnSpec[], target: string): Record<string, unknown> {
  const features = columns.filter((column) => column.name !== target);
  return Object.fromEntries(features.map((column) => [column.name, sampleValue(column)]));
}

function sampleValue(column: ColumnSpec): unknown {
  switch (column.kind) {
    case 'category':
      return column.categories?.[0] ?? '';
    case 'text':
      return 'text';
    case 'boolean':
      return true;
    case 'date':
      return '2026-01-01';
    default: {
      const low = column.minimum ?? 0;
      const high = column.maximum ?? low + 10;
      const middle = Number.isFinite(high) && high < 1e9 ? (low + high) / 2 : low + 5;
      return column.kind === 'integer' ? Math.round(middle) : middle;
    }
  }
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
