import { Problem } from '../../lib/api.ts';
import type { RowAnswer } from './answer.ts';
import type { CsvRow } from './csv-rows.ts';

/** What became of a row: an answer and who gave it, or why there is none. */
export interface RowResult {
  answer?: RowAnswer;
  version?: string;
  warnings?: number;
  error?: string;
}

export interface BatchAnswer {
  version: string;
  predictions: RowAnswer[];
  warnings: { row: number }[];
}

export interface BatchOptions {
  rows: readonly CsvRow[];
  /** Which rows to ask; absent: all. */
  only?: readonly number[];
  send(rows: Record<string, unknown>[], signal: AbortSignal): Promise<BatchAnswer>;
  signal: AbortSignal;
  /** After each part: what is known so far. */
  progress?(results: readonly (RowResult | undefined)[]): void;
  /** Waits between two attempts; a test's does not. */
  pause?(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Rows of one request. */
  chunk?: number;
}

/** Rows of one request: a tenth of what the API takes, so that progress is seen and a refusal costs little. */
export const CHUNK = 250;
/** A request's body stays far below the API's limit of 4.5 MB. */
const CHUNK_BYTES = 1_000_000;
/** Requests at once: a second one while the first is computed, and no more, so that nobody else waits. */
const PARALLEL = 2;
/** So many refused rows of one request are found one by one; then the rest of it is given up. */
const MOST_REFUSED = 25;
const ATTEMPTS = 4;
const FIRST_PAUSE = 500;

/** The batch ended before all rows were asked: the token is not good for it, or the API does not answer. */
export class BatchStopped extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * Predicts rows in parts. A row that is refused is listed with the API's words, and the rows beside it are asked again
 * without it; a busy API is asked again after a while. `results[i]` is undefined where row i was not asked.
 *
 * @returns what became of the rows; when `signal` aborts, of those until then
 * @throws BatchStopped where going on makes no sense; `progress` has told what was done
 */
export async function predictInParts(options: BatchOptions): Promise<(RowResult | undefined)[]> {
  const { rows, only = rows.map((_, i) => i), signal, progress } = options;
  const results = new Array<RowResult | undefined>(rows.length).fill(undefined);
  const asked: number[] = [];
  for (const i of only) {
    const row = rows[i] as CsvRow;
    if ('problem' in row) results[i] = { error: row.problem };
    else asked.push(i);
  }
  progress?.(results);
  const parts = partsOf(rows, asked, options.chunk ?? CHUNK);
  let stopped: BatchStopped | undefined;
  const work = async () => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      if (signal.aborted || stopped !== undefined) return;
      try {
        await predictPart(options, part, results);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof BatchStopped)) throw error;
        stopped = error;
      }
      progress?.(results);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  if (stopped !== undefined) throw stopped;
  return results;
}

/** Rows in order, as many a part as one request takes. */
function partsOf(rows: readonly CsvRow[], asked: readonly number[], chunk: number): number[][] {
  const parts: number[][] = [];
  let size = 0;
  for (const i of asked) {
    const bytes = JSON.stringify(rows[i]).length;
    const last = parts.at(-1);
    if (last === undefined || last.length >= chunk || size + bytes > CHUNK_BYTES) {
      parts.push([i]);
      size = bytes;
    } else {
      last.push(i);
      size += bytes;
    }
  }
  return parts;
}

async function predictPart(
  options: BatchOptions,
  part: readonly number[],
  results: (RowResult | undefined)[],
): Promise<void> {
  let left = [...part];
  for (let refused = 0; left.length > 0; refused++) {
    const rows = left.map((i) => (options.rows[i] as { row: Record<string, unknown> }).row);
    try {
      const { version, predictions, warnings } = await patiently(options, rows);
      const warned = new Map<number, number>();
      for (const { row } of warnings) warned.set(row, (warned.get(row) ?? 0) + 1);
      for (const [at, i] of left.entries()) {
        const answer = predictions[at];
        results[i] =
          answer === undefined
            ? { error: 'the API gave no prediction of this row' }
            : { answer, version, warnings: warned.get(at) ?? 0 };
      }
      return;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const at = Number(/^rows\[(\d+)\]/.exec(error.field ?? '')?.[1] ?? Number.NaN);
      if (left[at] === undefined || refused >= MOST_REFUSED) {
        if (isHopeless(error)) throw new BatchStopped(error);
        for (const i of left) results[i] = { error: error.message };
        return;
      }
      results[left[at] as number] = { error: error.message.replaceAll(`rows[${at}].`, '') };
      left = left.filter((_, place) => place !== at);
    }
  }
}

const BUSY = new Set([0, 429, 500, 502, 503, 504]);
/** What the next request would meet too. */
const isHopeless = ({ status }: Problem): boolean => BUSY.has(status) || [401, 403, 404].includes(status);

/** Asks again where the API was busy or out of reach for a moment: a prediction changes nothing that a second one would harm. */
async function patiently(
  { send, signal, pause = sleep }: BatchOptions,
  rows: Record<string, unknown>[],
): Promise<BatchAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(rows, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof Problem) || !BUSY.has(error.status) || attempt === ATTEMPTS) {
        throw error;
      }
      await pause(FIRST_PAUSE * 2 ** (attempt - 1), signal);
    }
  }
}

/** Ends early, without an error, when `signal` aborts. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
