import { createHash } from 'node:crypto';

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * JSON with sorted keys, so that equal values have equal text. Functions stand for their source text: a refinement or a
 * generator that was edited is another definition. `undefined` members are left out; cycles are cut.
 */
export function canonicalJson(value: unknown): string {
  const seen = new Set<object>();
  const write = (node: unknown): string => {
    if (typeof node === 'function') return JSON.stringify(`function:${node.toString()}`);
    if (typeof node === 'bigint') return JSON.stringify(`bigint:${node}`);
    if (node instanceof RegExp || node instanceof Date) return JSON.stringify(String(node));
    if (node === null || typeof node !== 'object') return JSON.stringify(node) ?? 'null';
    if (seen.has(node)) return '"cycle"';
    seen.add(node);
    const text = Array.isArray(node) || node instanceof Set ? writeArray([...node]) : writeObject(node);
    seen.delete(node);
    return text;
  };
  const writeArray = (items: unknown[]) => `[${items.map(write).join(',')}]`;
  const writeObject = (object: object) => {
    const entries = Object.entries(object).filter(([, member]) => member !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`;
  };
  return write(value);
}

/** SHA-256 of the canonical JSON: the content key of a stage, the hash of a definition. */
export const hashOf = (value: unknown): string => sha256(canonicalJson(value));

interface ZodLike {
  _zod?: { def?: unknown };
}

/** A zod schema as plain data, its refinements by their source text: what `hashOf` can tell apart. */
export function schemaFingerprint(schema: unknown, depth = 0): unknown {
  if (depth > 50) return 'deep';
  if (schema === null || typeof schema !== 'object') return schema;
  const def = (schema as ZodLike)._zod?.def;
  if (def !== undefined) return schemaFingerprint(def, depth + 1);
  if (Array.isArray(schema)) return schema.map((item) => schemaFingerprint(item, depth + 1));
  if (schema instanceof RegExp) return String(schema);
  return Object.fromEntries(
    Object.entries(schema).map(([key, member]) => [key, schemaFingerprint(member, depth + 1)]),
  );
}
