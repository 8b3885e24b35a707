import { BadDefinitionError } from '../../errors/index.ts';

/** Deepest nesting that is written, and therefore read. */
export const DEEPEST_JSON = 64;

/**
 * JSON whose bytes depend on the value alone: keys sorted by UTF-16 code unit, no spaces, `undefined` left out. A key
 * named `__proto__` is a key like any other.
 *
 * @throws BadDefinitionError on what JSON cannot hold (NaN, functions) and on nesting past 64 levels
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > DEEPEST_JSON) refuse('nested too deep');
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    return Number.isFinite(value) ? JSON.stringify(value) : refuse(`the number ${value}`);
  }
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item ?? null, depth + 1)).join(',')}]`;
  if (typeof value !== 'object') return refuse(`a ${typeof value}`);
  const members = Object.keys(value)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => [key, (value as Record<string, unknown>)[key]] as const)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

function refuse(what: string): never {
  throw new BadDefinitionError(`a model's manifest is JSON and cannot hold ${what}`);
}
