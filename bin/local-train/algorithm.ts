import { ArboledaError, BadDefinitionError } from '../../lib/errors/index.ts';
import { getTrainer, type Task } from '../../lib/learn/index.ts';

/** What a table must become before an algorithm takes it. */
export type CleanStyle =
  /** Gaps and categories as they are. */
  | 'native'
  /** Complete and encoded. */
  | 'encoded'
  /** Complete, encoded and scaled. */
  | 'scaled';

export interface Candidate {
  algorithm: string;
  params: Record<string, unknown>;
  style: CleanStyle;
  /** The parameters that a search chose. */
  tried?: Readonly<Record<string, unknown>>;
}

export interface AlgorithmOptions {
  /** One name, several separated by commas, `linear` (that of the task), or `auto`; the forest where absent. */
  algorithm?: string | undefined;
  params?: Readonly<Record<string, unknown>> | undefined;
  trees?: number | undefined;
}

const DEFAULT = 'random-forest';
const linearOf = (task: Task) => (task === 'classification' ? 'logistic-regression' : 'linear-regression');
/** Its cost grows with the square of the rows: so many trees are worth waiting for. */
const BASELINE_TREES = 30;

/**
 * The algorithms to train, each with the parameters that it knows.
 *
 * @throws UnknownAlgorithmError; BadDefinitionError for one of another task, for wrong parameters, and for a parameter
 *   that none of them has
 */
export function chooseCandidates(
  options: AlgorithmOptions,
  task: Task,
  note: (text: string) => void,
): Candidate[] {
  const names = namesOf(options.algorithm ?? DEFAULT, task);
  const given = { ...(options.trees === undefined ? {} : { trees: options.trees }), ...options.params };
  const known = names.map((name) => knownParams(name, given, names.length === 1, note));
  for (const [name, value] of Object.entries(given)) {
    if (name === 'trees' && options.params?.trees === undefined) continue;
    if (known.some((params) => name in params)) continue;
    // Nobody takes it: the first says why.
    parsed(names[0]!, { [name]: value });
  }
  return names.map((algorithm, i) => {
    refuseOtherTask(algorithm, task);
    const defaults = algorithm === 'ml-random-forest' ? { trees: BASELINE_TREES } : {};
    const params = parsed(algorithm, { ...defaults, ...known[i] });
    return { algorithm, params, style: styleOf(algorithm) };
  });
}

/** Parameters with their defaults. @throws BadDefinitionError with a remedy for this command line */
export function parsed(algorithm: string, params: Record<string, unknown>): Record<string, unknown> {
  try {
    return getTrainer(algorithm).parseParams(params) as Record<string, unknown>;
  } catch (cause) {
    if (!(cause instanceof BadDefinitionError)) throw cause;
    throw new BadDefinitionError(cause.message, {
      cause,
      field: cause.field,
      remedy: `Correct the --param or --try of ${algorithm}, or leave it out.`,
    });
  }
}

function namesOf(text: string, task: Task): string[] {
  if (text === 'auto') return [DEFAULT, 'gradient-boosting', linearOf(task)];
  const names = text
    .split(',')
    .map((name) => (name.trim() === 'linear' ? linearOf(task) : name.trim()))
    .filter((name) => name !== '');
  for (const name of names) getTrainer(name);
  if (names.length === 0) getTrainer(text);
  return [...new Set(names)];
}

function refuseOtherTask(algorithm: string, task: Task): void {
  const { tasks } = getTrainer(algorithm);
  if (tasks.includes(task)) return;
  throw new BadDefinitionError(`${algorithm} does ${tasks.join(' and ')}, and this is a ${task}`, {
    field: 'algorithm',
    remedy: `Choose ${DEFAULT}, gradient-boosting or ${linearOf(task)}, or say --task ${tasks.join(' or ')}.`,
  });
}

/** One algorithm gets all parameters, so that it can refuse; of several each gets those that it knows. */
function knownParams(
  algorithm: string,
  given: Record<string, unknown>,
  alone: boolean,
  note: (text: string) => void,
): Record<string, unknown> {
  const entries = Object.entries(given).filter(([name, value]) => {
    if (knows(algorithm, name, value)) return true;
    if (name === 'trees' && alone) note(`--trees says nothing to ${algorithm}`);
    return alone && name !== 'trees';
  });
  return Object.fromEntries(entries);
}

/** Whether the algorithm has a parameter of that name, whatever it says to the value. */
export function knows(algorithm: string, name: string, value: unknown): boolean {
  try {
    getTrainer(algorithm).parseParams({ [name]: value });
    return true;
  } catch (error) {
    if (!(error instanceof ArboledaError)) throw error;
    // A wrong value of a parameter that is known must be heard of.
    return !/unrecognized/i.test(error.message);
  }
}

function styleOf(algorithm: string): CleanStyle {
  const { nativeCategories, nativeMissing } = getTrainer(algorithm);
  if (nativeCategories && nativeMissing) return 'native';
  return algorithm === 'ml-random-forest' ? 'encoded' : 'scaled';
}
