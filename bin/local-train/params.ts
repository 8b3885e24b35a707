import { InvalidInputError } from '../../lib/errors/index.ts';

/**
 * `--param trees=200 --param maxFeatures=sqrt --param classWeight={"yes":5}` as the parameters of an algorithm. A value
 * is JSON where it can be read as that, else text.
 *
 * @throws InvalidInputError for what is not `name=value`, or names a parameter twice
 */
export function parseParams(given: readonly string[]): Record<string, unknown> {
  const params = new Map<string, unknown>();
  for (const text of given) {
    const at = text.indexOf('=');
    const name = text.slice(0, at).trim();
    if (at < 1 || !/^[A-Za-z]\w*$/.test(name)) {
      throw new InvalidInputError(`--param ${text} is no name=value`, {
        field: 'param',
        remedy: 'Write for example --param trees=200.',
      });
    }
    if (params.has(name)) {
      throw new InvalidInputError(`--param ${name} is given twice`, {
        field: 'param',
        remedy: 'Give it once.',
      });
    }
    params.set(name, jsonOrText(text.slice(at + 1).trim()));
  }
  return Object.fromEntries(params);
}

/** JSON where it can be read as that, else the text. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
