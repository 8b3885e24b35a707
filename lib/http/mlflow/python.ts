/**
 * Values as Python writes them: MLflow's messages quote the request with `json.dumps` and name Python's types, and its
 * users search for these texts.
 */

/** A number that was written with a point or an exponent: Python keeps it a float where JavaScript sees an integer. */
export class PyFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/** JSON as Python reads it: whole floats stay floats. Only for messages: it is slower than JSON.parse. */
export function parsePython(text: string): unknown {
  const revive: Reviver = (_key, value, context) =>
    typeof value === 'number' && /[.eE]/.test(context.source ?? '') ? new PyFloat(value) : value;
  // TypeScript's library does not know the third argument of a reviver yet.
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

/** `type(value).__name__` */
export function pyType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (value instanceof PyFloat) return 'float';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
      return 'dict';
  }
}

/** `json.dumps(value, sort_keys=True, separators=(",", ":"))` */
export function pyJson(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof PyFloat) return pyFloat(value.value);
  if (Array.isArray(value)) return `[${value.map(pyJson).join(',')}]`;
  if (typeof value === 'string') return pyJsonString(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : pyFloat(value);
  if (typeof value === 'boolean') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, inner]) => `${pyJsonString(key)}:${pyJson(inner)}`).join(',')}}`;
}

/** `json.dumps(value)`: with blanks, in the order of the object. */
export function pyDumps(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pyDumps).join(', ')}]`;
  if (typeof value !== 'object' || value === null || value instanceof PyFloat) return pyJson(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${pyJsonString(key)}: ${pyDumps(inner)}`)
    .join(', ')}}`;
}

/** ASCII only, as `json.dumps` writes by default. */
function pyJsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `repr(float)`: `5.0`, `1e+20`, `1e-05`, `nan`, `inf`. */
export function pyFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  // Both write the shortest digits that read back the same; Python turns to exponents at 1e16 and below 1e-4.
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string];
    const sign = exponent.startsWith('-') ? '-' : '+';
    return `${digits}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** `repr(str)`: single quotes unless the text holds one and no double ones. */
export function pyString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]/g, (char) => ESCAPES[char] ?? char);
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
