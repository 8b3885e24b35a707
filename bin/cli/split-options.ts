import { InvalidArgumentError } from 'commander';
import type { SplitArm, SplitGuard } from '../../lib/tracking/splits/types.ts';

/** `--arm 2=10`: version 2 gets 10 percent; given once a version. */
export function arm(text: string, before: SplitArm[] = []): SplitArm[] {
  const [, version, weight] = /^([1-9]\d{0,8})=(\d{1,3})$/.exec(text) ?? [];
  if (version === undefined) throw new InvalidArgumentError('VERSION=PERCENT, such as 2=10');
  return [...before, { version, weight: Number(weight) }];
}

/** An option that is given once a value. */
export const each = (text: string, before: string[] = []): string[] => [...before, text];

/** A number above 0, or from 0 to 1. */
export const share = (text: string): number => number(text, (value) => value >= 0 && value <= 1, '0 to 1');
export const positive = (text: string): number => number(text, (value) => value > 0, 'above 0');

function number(text: string, fits: (value: number) => boolean, what: string): number {
  const value = Number(text);
  if (text.trim() === '' || !fits(value)) throw new InvalidArgumentError(`a number, ${what}`);
  return value;
}

/** The options of a guard, each by itself. */
export interface GuardOptions {
  maxErrorRate?: number;
  maxLatency?: number;
  minRequests?: number;
  window?: number;
}

/** What a guard judges by where only a part is said. */
export const GUARD_DEFAULTS: SplitGuard = {
  maxErrorRate: 0.05,
  maxLatencyMs: 1_000,
  minRequests: 50,
  windowMinutes: 15,
};

/** The guard that the options ask for; undefined where none is asked for, and blue-green does not need one. */
export function guardOf(options: GuardOptions, needed: boolean): SplitGuard | undefined {
  const { maxErrorRate, maxLatency, minRequests, window } = options;
  const given = [maxErrorRate, maxLatency, minRequests, window].some((value) => value !== undefined);
  if (!given && !needed) return undefined;
  return {
    maxErrorRate: maxErrorRate ?? GUARD_DEFAULTS.maxErrorRate,
    maxLatencyMs: maxLatency ?? GUARD_DEFAULTS.maxLatencyMs,
    minRequests: minRequests ?? GUARD_DEFAULTS.minRequests,
    windowMinutes: window ?? GUARD_DEFAULTS.windowMinutes,
  };
}
