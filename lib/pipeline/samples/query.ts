import * as z from 'zod';
import { InvalidInputError } from '../../errors/index.ts';
import { schemaFromZod, seededRandom } from '../../table/index.ts';
import { sourcesOf } from '../catalog.ts';
import type { Cell } from '../collect/delivery.ts';
import type { PipelineDefinition } from '../definition/index.ts';
import { faultRates, type SampleAnswer, SampleSource } from './sample-source.ts';

const MOST_ROWS = 20_000;

/** What a caller may ask of the deployed source, all in the URL: so a collector's URL chooses period and faults. */
const query = z.object({
  group_number: z.coerce.number().int().min(0).max(1_000_000).default(1),
  batches: z.coerce.number().int().min(1).max(1000).default(10),
  /** Seconds. */
  every: z.coerce.number().int().min(1).max(86_400).default(300),
  share: z.coerce.number().min(0).max(1).default(0.5),
  /** `server-error:0.1,truncated:0.05` */
  faults: z
    .string()
    .transform((text) => Object.fromEntries(text.split(',').map((part) => part.split(':'))))
    .pipe(z.record(z.string(), z.coerce.number()))
    .pipe(faultRates)
    .default({}),
});

/**
 * The answer to one call of the deployed source. It keeps nothing between calls: the clock alone says which batch is due, all
 * batches and a period of 400 over and over. Its rows are the pipeline's generator's, never anybody's data.
 *
 * @param draw a number of its own for each call: what makes each sample another one.
 * @throws InvalidInputError (a wrong parameter, or a pipeline without generator)
 */
export function answerQuery(
  definition: PipelineDefinition,
  parameters: Record<string, string>,
  now: Date,
  draw: number,
): SampleAnswer {
  const parsed = query.safeParse(parameters);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InvalidInputError(issue?.message ?? 'wrong parameters', {
      field: String(issue?.path[0] ?? 'query'),
    });
  }
  const { group_number: group, batches, every, share, faults } = parsed.data;
  const rows = generatedRows(definition);
  const source = new SampleSource({
    rows,
    batches,
    every: every * 1000,
    share,
    seed: draw,
    origin: 0,
    again: true,
    faults,
  });
  return source.answer(group, now.getTime());
}

const made = new Map<string, Cell[][]>();

function generatedRows(definition: PipelineDefinition): Cell[][] {
  const known = made.get(definition.name);
  if (known !== undefined) return known;
  const source = sourcesOf(definition).find((one) => one.kind === 'generate');
  if (source?.kind !== 'generate') {
    throw new InvalidInputError(`pipeline ${definition.name} has no generator to sample from`, {
      field: 'pipeline',
    });
  }
  const { columns } = schemaFromZod(definition.row);
  const rows = source
    .make(seededRandom(source.seed), Math.min(source.rows, MOST_ROWS))
    .map((row) => columns.map(({ name }) => row[name] ?? null));
  made.set(definition.name, rows);
  return rows;
}
