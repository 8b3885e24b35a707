import { IntegrityError } from '../errors/index.ts';
import { numberText } from './numbers.ts';

/**
 * A nested value as one text attribute. DynamoDB's own numbers hold no NaN and nothing below 1e-130 (a probability may be
 * smaller), its maps lose a key named `__proto__`, and text is cheaper to write and to read.
 */
export function toText(value: unknown): string {
  return JSON.stringify(value);
}

/** Throws IntegrityError where the attribute is no JSON text. */
export function fromText<T>(value: unknown, what: string): T {
  try {
    return JSON.parse(value as string) as T;
  } catch (cause) {
    throw new IntegrityError(`${what} is not readable`, { cause });
  }
}

/** The same, undefined where the attribute is absent. */
export function fromTextIfAny<T>(value: unknown, what: string): T | undefined {
  return value === undefined ? undefined : fromText<T>(value, what);
}

/** Numbers by name, NaN and infinities kept. */
export function numbersToText(numbers: Record<string, number>): string {
  return toText(Object.entries(numbers).map(([name, value]) => [name, numberText(value)]));
}

export function numbersFromText(text: unknown, what: string): Record<string, number> {
  const entries = fromText<[string, string][]>(text, what);
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)]));
}
