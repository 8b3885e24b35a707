import { ArboledaError } from '../../errors/index.ts';
import type { ShadowAttempt } from '../../tracking/types.ts';
import type { ModelEngine, Prediction, ServableModel } from '../types.ts';

/** What the log says of a shadow that had not computed in its time. */
export const SHADOW_TOO_SLOW = 'SHADOW_TOO_SLOW';

/** Rows between two looks at the clock: a model's work on them cannot be interrupted. */
const SLICE = 32;

/** A shadow and its model, which may still load, or fail to. */
export interface Shadow<M extends ServableModel> {
  version: string;
  cold: boolean;
  model: Promise<M>;
}

interface Settings<M extends ServableModel> {
  engine: Pick<ModelEngine<M>, 'predict'>;
  /** Milliseconds for all of them together. */
  budget: number;
  /** Milliseconds, monotonic. */
  now(): number;
}

/**
 * Lets each shadow compute what another version has answered, one after the other, for the log. Never throws, and takes no
 * longer than its budget and the slice of rows that is being computed then: what is left of the budget is shared among the
 * shadows that are left, so that a slow one does not take the time of the next. A model that is still loading then goes on
 * loading and is there for a later request.
 */
export async function runShadows<M extends ServableModel>(
  shadows: readonly Shadow<M>[],
  rows: unknown[],
  settings: Settings<M>,
): Promise<ShadowAttempt[]> {
  const end = settings.now() + settings.budget;
  const attempts: ShadowAttempt[] = [];
  for (const [i, shadow] of shadows.entries()) {
    const start = settings.now();
    const deadline = start + Math.max(0, end - start) / (shadows.length - i);
    const outcome = await attempt(shadow, rows, deadline, settings);
    const latencyMs = milliseconds(settings.now() - start);
    attempts.push({ version: shadow.version, latencyMs, ...(shadow.cold && { cold: true }), ...outcome });
  }
  return attempts;
}

async function attempt<M extends ServableModel>(
  { model }: Shadow<M>,
  rows: unknown[],
  deadline: number,
  { engine, now }: Settings<M>,
): Promise<Pick<ShadowAttempt, 'predictions' | 'error'>> {
  try {
    const loaded = await before(deadline - now(), model);
    const predictions: Prediction[] = [];
    for (let from = 0; loaded !== undefined && from < rows.length; from += SLICE) {
      if (now() >= deadline) break;
      predictions.push(...engine.predict(loaded, rows.slice(from, from + SLICE)).predictions);
    }
    const whole = loaded !== undefined && predictions.length === rows.length;
    return whole ? { predictions } : { error: { code: SHADOW_TOO_SLOW } };
  } catch (error) {
    return { error: { code: codeOf(error) } };
  }
}

/** The result, where it comes in time; else undefined. */
async function before<T>(time: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, time));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The stable code of an error; of one that is not ours, that of any internal error. */
export const codeOf = (error: unknown): string =>
  error instanceof ArboledaError ? error.code : ArboledaError.code;

/** To a hundredth: what is measured is no better. */
export const milliseconds = (value: number): number => Math.round(value * 100) / 100;
