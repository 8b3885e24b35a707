import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { InvalidInputError } from '../../lib/errors/index.ts';
import { loadPipelines, type PipelineDefinition } from '../../lib/pipeline/index.ts';
import { schemaFromZod } from '../../lib/table/index.ts';
import { readGivenFile } from '../cli/given-file.ts';
import { ROOT } from '../local/paths.ts';

/**
 * The rows of a CSV or CSV.gz in the order of the pipeline's columns, without header, cells as text: as the source sends them.
 * @throws InvalidInputError (no such pipeline, no such file, a column that is missing)
 */
export async function readSampleRows(pipeline: string, file: string): Promise<string[][]> {
  const columns = columnsOf(await definitionOf(pipeline));
  const bytes = await readGivenFile(file);
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  const [header = [], ...rows] = parse(text, { bom: true }) as string[][];
  const places = columns.map((name) => {
    const at = header.indexOf(name);
    if (at < 0) throw new InvalidInputError(`${file} has no column ${name}`, { field: 'data' });
    return at;
  });
  if (rows.length === 0) throw new InvalidInputError(`${file} has no rows`, { field: 'data' });
  return rows.map((row) => places.map((at) => row[at]!));
}

const columnsOf = (definition: PipelineDefinition): string[] =>
  schemaFromZod(definition.row).columns.map(({ name }) => name);

async function definitionOf(name: string): Promise<PipelineDefinition> {
  const definitions = await loadPipelines(join(ROOT, 'data'));
  const found = definitions.find((definition) => definition.name === name);
  if (found) return found;
  const names = definitions.map((definition) => definition.name).join(', ');
  throw new InvalidInputError(`there is no pipeline "${name}"`, {
    field: 'pipeline',
    remedy: `There are: ${names}.`,
  });
}
