import * as z from 'zod';
import { BadDefinitionError } from '../../errors/index.ts';
import { secondsOf } from './duration.ts';

/** A run at most once in each window of so many seconds: windows are counted from 1970, so that every clock agrees on them. */
const window = z
  .int()
  .min(3_600)
  .max(366 * 86_400);

export const retrainSchema = z.strictObject({ rule: z.literal('when-drift'), window });

/** Metrics that labels give, and which way is wrong. */
export const WATCHED_METRICS = { accuracy: 'below', r2: 'below', rmse: 'above', mae: 'above' } as const;
type Metric = keyof typeof WATCHED_METRICS;

export const alertSchema = z
  .strictObject({
    rule: z.enum(['when-below', 'when-above']),
    metric: z.enum(['accuracy', 'r2', 'rmse', 'mae']),
    threshold: z.number(),
    minLabels: z.int().min(1),
    over: z
      .int()
      .min(3_600)
      .max(366 * 86_400),
    retrain: z.strictObject({ window }).optional(),
  })
  .refine(
    ({ rule, metric }) => rule === `when-${WATCHED_METRICS[metric]}`,
    'accuracy and r2 are watched by whenBelow, rmse and mae by whenAbove',
  );

export type Retrain = z.output<typeof retrainSchema>;
export type Alert = z.output<typeof alertSchema>;

const DAY = '1 day';

/**
 * Starts a run of the pipeline where the rows or answers of the champion drifted: at most once in each `window`.
 *
 * @example retrain: whenDrift({ window: '1 week' })
 */
export const whenDrift = (options: { window?: number | string } = {}): Retrain => ({
  rule: 'when-drift',
  window: secondsOf(options.window ?? DAY, 'retrain.window'),
});

interface AlertOptions<M extends Metric> {
  metric: M;
  threshold: number;
  /** Fewer labels raise no alarm; 100 unless told. */
  minLabels?: number;
  /** How far back predictions count; 7 days unless told. */
  over?: number | string;
  /** Start a run, too: at most once a day, or in each `window`. */
  retrain?: boolean | { window: number | string };
}

const alertOf = (rule: Alert['rule'], options: AlertOptions<Metric>): Alert => {
  const { metric, threshold, minLabels = 100, over = '7 days', retrain = false } = options;
  const asked = retrain === true ? { window: DAY } : retrain;
  return {
    rule,
    metric,
    threshold,
    minLabels,
    over: secondsOf(over, 'alert.over'),
    ...(asked && { retrain: { window: secondsOf(asked.window, 'alert.retrain.window') } }),
  };
};

/**
 * Raises an alarm where a metric of the champion, by the labels that came as feedback, is below the threshold.
 *
 * @example alert: whenBelow({ metric: 'accuracy', threshold: 0.8, minLabels: 200, retrain: true })
 */
export const whenBelow = (options: AlertOptions<'accuracy' | 'r2'>): Alert => alertOf('when-below', options);

/** The same for an error, which is wrong above the threshold. @example alert: whenAbove({ metric: 'rmse', threshold: 40_000 }) */
export const whenAbove = (options: AlertOptions<'rmse' | 'mae'>): Alert => alertOf('when-above', options);

/** @throws BadDefinitionError where the task has no such metric */
export function checkAlert(
  pipeline: string,
  task: 'classification' | 'regression',
  alert: Alert | undefined,
): void {
  if (alert === undefined) return;
  const fits = (alert.metric === 'accuracy') === (task === 'classification');
  if (!fits) {
    throw new BadDefinitionError(`pipeline ${pipeline}: a ${task} has no ${alert.metric} to watch`, {
      field: 'alert.metric',
      remedy: task === 'classification' ? 'Watch `accuracy`.' : 'Watch `r2`, `rmse` or `mae`.',
    });
  }
}
