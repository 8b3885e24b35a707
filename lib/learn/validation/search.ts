import * as z from 'zod';
import { BadDefinitionError } from '../../errors/index.ts';
import { type RandomStream, randomStream } from '../random.ts';

const bounds = { min: z.number(), max: z.number() };
const rangeSchema = z
  .discriminatedUnion('range', [
    z.strictObject({ range: z.literal('uniform'), ...bounds }),
    z.strictObject({ range: z.literal('log-uniform'), ...bounds, min: z.number().positive() }),
    z.strictObject({ range: z.literal('integer'), min: z.int(), max: z.int() }),
  ])
  .refine(({ min, max }) => min < max, { message: 'min must be below max', path: ['min'] });

/** Numbers to draw from: evenly, evenly in the logarithm, or whole numbers with both ends. */
export type Range = z.output<typeof rangeSchema>;
/** What a parameter may be: one of a list, or drawn from a range. */
export type Dimension = readonly unknown[] | Range;
/** Parameter name to what it may be. */
export type Space = Readonly<Record<string, Dimension>>;
export type Point = Record<string, unknown>;

/** Numbers from min to max, each equally likely. */
export const uniform = (min: number, max: number): Range => ({ range: 'uniform', min, max });
/** Numbers from min to max, each order of magnitude equally likely: for learning rates and penalties. */
export const logUniform = (min: number, max: number): Range => ({ range: 'log-uniform', min, max });
/** Whole numbers from min to max, both among them. */
export const integer = (min: number, max: number): Range => ({ range: 'integer', min, max });

/** Points that a search may have: more are refused, not cut off. */
const MOST_POINTS = 10_000;

const isList = (dimension: Dimension): dimension is readonly unknown[] => Array.isArray(dimension);

/**
 * Every combination of the listed values, the last parameter changing fastest; equal points once.
 *
 * @throws BadDefinitionError on a range, an empty list, or more than MOST_POINTS points
 */
export function gridPoints(space: Space): Point[] {
  const lists = Object.entries(checkSpace(space)).map(([name, dimension]): [string, readonly unknown[]] => {
    if (isList(dimension)) return [name, dimension];
    throw new BadDefinitionError(`a grid needs a list of values for "${name}", not a range`, {
      field: name,
      remedy: 'Use randomSearch for ranges, or list the values.',
    });
  });
  const count = lists.reduce((product, [, values]) => product * values.length, 1);
  if (count > MOST_POINTS) throw tooMany(count);
  let points: Point[] = [{}];
  for (const [name, values] of lists) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  }
  return distinct(points);
}

/**
 * `count` different points drawn from the space by the seed; fewer only where the space has no more. The first n points
 * are the same however many are asked for, unless the space is listed whole.
 *
 * @throws BadDefinitionError
 */
export function randomPoints(space: Space, { count, seed }: { count: number; seed: number }): Point[] {
  const checked = checkSpace(space);
  if (!Number.isSafeInteger(count) || count < 1 || count > MOST_POINTS) throw tooMany(count);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new BadDefinitionError(`the seed must be a whole number from 0 up, not ${seed}`, { field: 'seed' });
  }
  const random = randomStream(seed);
  const finite = sizeOf(checked);
  // Half of a small space or more: drawing without repeats would take ever longer, so it is listed and shuffled.
  if (finite !== undefined && finite <= Math.min(2 * count, MOST_POINTS)) {
    return random.shuffle(gridPoints(listed(checked))).slice(0, count);
  }
  const found = new Map<string, Point>();
  for (let tries = 0; found.size < count && tries < 100 * count; tries++) {
    const point = Object.fromEntries(
      Object.entries(checked).map(([name, dimension]) => [name, draw(dimension, random)]),
    );
    const key = JSON.stringify(point);
    if (!found.has(key)) found.set(key, point);
  }
  return [...found.values()];
}

function checkSpace(space: Space): Space {
  for (const [name, dimension] of Object.entries(space)) {
    const wrong = isList(dimension)
      ? dimension.length === 0
        ? 'the list is empty'
        : undefined
      : rangeSchema.safeParse(dimension).error?.issues[0]?.message;
    if (wrong !== undefined) {
      throw new BadDefinitionError(`the search space is wrong at "${name}": ${wrong}`, {
        field: name,
        remedy: 'Give a list of values, or uniform, logUniform or integer with min below max.',
      });
    }
  }
  return space;
}

function draw(dimension: Dimension, random: RandomStream): unknown {
  if (isList(dimension)) return dimension[random.below(dimension.length)];
  const { range, min, max } = dimension;
  if (range === 'integer') return min + random.below(max - min + 1);
  const share = (random.next() * 2 ** 21 + (random.next() >>> 11)) / 2 ** 53;
  const value =
    range === 'uniform' ? min + share * (max - min) : Math.exp(Math.log(min) + share * Math.log(max / min));
  // Six digits are more than a search can tell apart, and they read well in a list of runs.
  return Math.min(max, Math.max(min, Number(value.toPrecision(6))));
}

/** How many points a space without real numbers has. */
function sizeOf(space: Space): number | undefined {
  let size = 1;
  for (const dimension of Object.values(space)) {
    if (isList(dimension)) size *= dimension.length;
    else if (dimension.range === 'integer') size *= dimension.max - dimension.min + 1;
    else return undefined;
  }
  return size;
}

/** Whole numbers as lists. */
const listed = (space: Space): Space =>
  Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => [
      name,
      isList(dimension)
        ? dimension
        : Array.from({ length: dimension.max - dimension.min + 1 }, (_, n) => dimension.min + n),
    ]),
  );

const distinct = (points: readonly Point[]): Point[] => [
  ...new Map(points.map((point) => [JSON.stringify(point), point])).values(),
];

function tooMany(count: number): BadDefinitionError {
  return new BadDefinitionError(`a search of ${count} points cannot be made`, {
    field: 'candidates',
    remedy: `Ask for a whole number from 1 to ${MOST_POINTS}.`,
  });
}
