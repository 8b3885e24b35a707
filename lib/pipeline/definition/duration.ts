import { BadDefinitionError } from '../../errors/index.ts';

const UNITS: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };

/**
 * `300`, `'5 minutes'`, `'1 hour'` in seconds.
 *
 * @param field what it is of, for the error
 * @throws BadDefinitionError
 */
export function secondsOf(duration: number | string, field: string): number {
  if (typeof duration === 'number') return duration;
  const [, count, unit] = /^(\d+) (second|minute|hour|day|week)s?$/.exec(duration.trim()) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * (UNITS[unit] as number);
  throw new BadDefinitionError(`"${duration}" is no duration`, {
    field,
    remedy: 'Write seconds as a number, or text such as "5 minutes".',
  });
}
