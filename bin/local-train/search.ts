import { InvalidInputError } from '../../lib/errors/index.ts';
import {
  type Dimension,
  gridPoints,
  integer,
  logUniform,
  randomPoints,
  type Space,
  uniform,
} from '../../lib/learn/index.ts';
import { type Candidate, knows, parsed } from './algorithm.ts';
import { jsonOrText } from './params.ts';

export interface SearchOptions {
  /** As `--try` gives it. Nothing to try: each algorithm as it is. */
  space: Space;
  /** Where absent: a random search if there is a range among the values, else a grid. */
  method?: 'grid' | 'random' | undefined;
  /** Candidates of a random search, of each algorithm; 20 where absent. */
  count?: number | undefined;
  seed: number;
}

const DEFAULT_COUNT = 20;
const RANGE = /^(-?\d+(?:\.\d+)?(?:e-?\d+)?)\.\.(-?\d+(?:\.\d+)?(?:e-?\d+)?)(:log)?$/i;
const HOW = 'Write values as --try maxDepth=4,8,16, or a range as 8..64, 0.5..1 or 0.01..0.3:log.';

/**
 * `--try trees=50,100 --try maxLeaves=8..64 --try learningRate=0.01..0.3:log` as a search space: values to list, or a
 * range to draw from (whole numbers where both ends are; by orders of magnitude with `:log`).
 *
 * @throws InvalidInputError for what is no list and no range, or names a parameter twice
 */
export function parseSpace(given: readonly string[]): Space {
  const space = new Map<string, Dimension>();
  for (const text of given) {
    const at = text.indexOf('=');
    const name = text.slice(0, at).trim();
    const refuse = (why: string): never => {
      throw new InvalidInputError(`--try ${text} ${why}`, { field: 'try', remedy: HOW });
    };
    if (at < 1 || !/^[A-Za-z]\w*$/.test(name)) refuse('is no name=values');
    if (space.has(name)) refuse('names a parameter that is given before');
    const values = text.slice(at + 1).trim();
    space.set(name, rangeOf(values, refuse) ?? listOf(values, refuse));
  }
  return Object.fromEntries(space);
}

function rangeOf(text: string, refuse: (why: string) => never): Dimension | undefined {
  if (!text.includes('..')) return undefined;
  const [, low, high, log] = RANGE.exec(text) ?? [];
  const [min, max] = [Number(low), Number(high)];
  if (low === undefined || Number.isNaN(min) || Number.isNaN(max)) return refuse('is no range of numbers');
  if (min >= max) return refuse('ends below or where it begins');
  if (log !== undefined) return min > 0 ? logUniform(min, max) : refuse('has no logarithm: begin above 0');
  return Number.isInteger(min) && Number.isInteger(max) ? integer(min, max) : uniform(min, max);
}

/** Values between commas; a JSON list may hold what has commas itself. */
function listOf(text: string, refuse: (why: string) => never): readonly unknown[] {
  const json = jsonOrText(text);
  if (Array.isArray(json)) return json.length > 0 ? json : refuse('lists no value');
  if (typeof json === 'object' && json !== null) return [json];
  const values = text.split(',').map((value) => value.trim());
  return values.includes('') ? refuse('has an empty value') : values.map(jsonOrText);
}

/**
 * Each algorithm with each point of the space, of which it takes the parameters that it knows; one that knows none of
 * them stands as it is.
 *
 * @throws InvalidInputError for a range in a grid; BadDefinitionError for a parameter that no algorithm has, and for a
 *   value that one refuses
 */
export function searchCandidates(candidates: readonly Candidate[], options: SearchOptions): Candidate[] {
  const { space, count, seed } = options;
  const names = Object.keys(space);
  if (names.length === 0) {
    if (options.method === undefined && count === undefined) return [...candidates];
    throw new InvalidInputError('a search needs something to try', { field: 'search', remedy: HOW });
  }
  for (const name of names) {
    if (candidates.some(({ algorithm }) => knows(algorithm, name, someOf(space[name]!)))) continue;
    // Nobody takes it: the first says why.
    parsed(candidates[0]!.algorithm, { [name]: someOf(space[name]!) });
  }
  const random =
    (options.method ?? (names.some((name) => isRange(space[name]!)) ? 'random' : 'grid')) === 'random';
  const ranged = names.find((name) => isRange(space[name]!));
  if (!random && ranged !== undefined) {
    throw new InvalidInputError(`a grid needs a list of values for ${ranged}, not a range`, {
      field: 'try',
      remedy: 'Say --search random, or list the values between commas.',
    });
  }
  if (!random && count !== undefined) {
    throw new InvalidInputError(
      'a grid has every combination: there is no number of --candidates to choose',
      {
        field: 'candidates',
        remedy: 'Leave --candidates out, or say --search random.',
      },
    );
  }
  return candidates.flatMap((candidate) => {
    const { algorithm } = candidate;
    const own = Object.fromEntries(
      Object.entries(space).filter(([name, values]) => knows(algorithm, name, someOf(values))),
    );
    if (Object.keys(own).length === 0) return [candidate];
    const points = random ? randomPoints(own, { count: count ?? DEFAULT_COUNT, seed }) : gridPoints(own);
    return points.map((tried) => ({
      ...candidate,
      params: parsed(algorithm, { ...candidate.params, ...tried }),
      tried,
    }));
  });
}

const isRange = (dimension: Dimension): boolean => !Array.isArray(dimension);
const someOf = (dimension: Dimension): unknown => ('range' in dimension ? dimension.min : dimension[0]);

/** `trees=50 maxFeatures=sqrt`. */
export const triedText = (tried: Candidate['tried'] = {}): string =>
  Object.entries(tried)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
