import * as z from 'zod';
import { BadDefinitionError, IntegrityError } from '../errors/index.ts';
import type { FitOptions, ModelParts, Target, Task } from './types.ts';

/**
 * A trainer's parameters through its zod schema: defaults filled, unknown names refused.
 *
 * @throws BadDefinitionError naming the first parameter that is wrong, in `field`
 */
export function parseWith<S extends z.ZodType>(schema: S, algorithm: string, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const named = issue.code === 'unrecognized_keys' ? issue.keys[0]! : issue.path.join('.');
  throw new BadDefinitionError(`${algorithm}: ${named ? `parameter "${named}": ` : ''}${issue.message}`, {
    field: named || 'params',
    remedy: `Correct the parameters of ${algorithm} in the candidates of the pipeline.`,
  });
}

/** Refuses a target of the wrong task, and data without rows or columns. */
export function requireFitInput(
  algorithm: string,
  tasks: readonly Task[],
  y: Target,
  size: { rows: number; columns: number },
): void {
  if (!tasks.includes(y.task)) {
    throw new BadDefinitionError(
      `${algorithm} does ${tasks.join(' and ')}, and the target asks for ${y.task}`,
      {
        field: 'algorithm',
        remedy: 'Choose an algorithm for this task.',
      },
    );
  }
  if (size.rows === 0 || size.columns === 0 || y.values.length !== size.rows) {
    throw new BadDefinitionError(
      `${algorithm} got ${size.rows} rows, ${size.columns} features and ${y.values.length} target values`,
      { remedy: 'Give at least one row and one feature, and one target value a row.' },
    );
  }
}

/**
 * A count of rows or columns as asked for, where there are so many.
 *
 * @throws BadDefinitionError naming the parameter and what there is
 */
export function atMost(algorithm: string, field: string, asked: number, most: number, what: string): number {
  if (asked <= most) return asked;
  throw new BadDefinitionError(`${algorithm}: ${field} is ${asked}, and there are ${most} ${what}`, {
    field,
    remedy: `Give a share below 1, or at most ${most}.`,
  });
}

/** Rows that each tree draws: a count, a share of them below 1 (one at least), or all where nothing is said. */
export function rowsDrawn(algorithm: string, rows: number, maxSamples: number | undefined): number {
  if (maxSamples === undefined) return rows;
  if (maxSamples < 1) return Math.max(1, Math.round(rows * maxSamples));
  return atMost(algorithm, 'maxSamples', maxSamples, rows, 'rows');
}

/** Refuses a seed that is not a safe non-negative integer. */
export function requireSeed(options: FitOptions): number {
  if (Number.isSafeInteger(options.seed) && options.seed >= 0) return options.seed;
  throw new BadDefinitionError(`the seed must be a whole number from 0 up, not ${options.seed}`, {
    field: 'seed',
  });
}

type Section = ModelParts['sections'][string];

/**
 * A named section of a model's parts (or of a shard's) as the array that it should be.
 *
 * @param length entries that it must have; any number where absent
 * @throws IntegrityError where it is missing, or of another type or length
 * @example
 * const cover = section(parts, 'cover', Float32Array, nodeCount);
 */
export function section<A extends Section>(
  { sections }: ModelParts,
  name: string,
  Type: new (length: number) => A,
  length?: number,
): A {
  const found = Object.hasOwn(sections, name) ? sections[name] : undefined;
  if (found instanceof Type && (length === undefined || found.length === length)) return found;
  const wanted = length === undefined ? `a ${Type.name}` : `${length} entries of ${Type.name}`;
  throw new IntegrityError(`the model's section "${name}" is missing, or is not ${wanted}`);
}

/** As {@link section}, of doubles that are all finite. */
export function float64Section(parts: ModelParts, name: string, length: number): Float64Array {
  const found = section(parts, name, Float64Array, length);
  if (found.every(Number.isFinite)) return found;
  throw new IntegrityError(`the model's section "${name}" is not ${length} finite numbers`);
}

/** A model's JSON facts through their schema. */
export function parseFacts<S extends z.ZodType>(schema: S, parts: ModelParts): z.output<S> {
  const parsed = schema.safeParse(parts.facts);
  if (parsed.success) return parsed.data;
  throw new IntegrityError(`the model's facts are not as they should be: ${z.prettifyError(parsed.error)}`);
}

/** Shares of a total, all zero where the total is: what `importance()` answers. */
export function normalise(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total > 0 && Number.isFinite(total) ? weights.map((weight) => weight / total) : weights.map(() => 0);
}
