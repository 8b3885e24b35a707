import { InvalidJsonError } from './errors.ts';
import { MAX_JSON_DEPTH } from './limits.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Parses a request body that may be hostile.
 *
 * Depth is counted over the bytes before any parser sees them: JSON.parse, and every recursive walk after it, would
 * overflow the stack on 10,000 levels. `__proto__` as a key is refused rather than dropped, so that no schema or
 * merge behind this has to be right about it. JSON has no NaN, but `1e400` parses to Infinity: refused by name.
 *
 * @throws InvalidJsonError naming the place.
 * @example parseJson(Buffer.from('{"rooms": 3}')) // { rooms: 3 }
 */
export function parseJson(bytes: Uint8Array, maxDepth: number = MAX_JSON_DEPTH): unknown {
  checkDepth(bytes, maxDepth);
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'it is not UTF-8 text';
    throw new InvalidJsonError(`the body is not valid JSON: ${reason.slice(0, 200)}`, {
      field: 'body',
      cause,
    });
  }
  checkValues(value, '');
  return value;
}

/** @throws InvalidJsonError where brackets outside strings nest deeper than `maxDepth`. */
export function checkDepth(bytes: Uint8Array, maxDepth: number): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (depth > maxDepth) {
        throw new InvalidJsonError(`the body nests deeper than ${maxDepth} levels`, {
          field: 'body',
          details: { maxDepth },
        });
      }
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}

/** Recursion is safe here: depth is bounded already. */
function checkValues(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new InvalidJsonError(`${path || 'the body'} is a number too large for a 64-bit float`, {
      field: path || 'body',
    });
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkValues(value[i], `${path}[${i}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (key === '__proto__') {
        throw new InvalidJsonError('a key named "__proto__" is not taken', { field: at });
      }
      checkValues(inner, at);
    }
  }
}
