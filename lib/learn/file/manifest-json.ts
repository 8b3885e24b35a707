import { IntegrityError } from '../../errors/index.ts';

/**
 * The manifest's text as JSON.
 *
 * @param what what is being read, for the message: `model file`
 * @throws IntegrityError
 */
export function parseManifestJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IntegrityError(`the manifest of the ${what} is not JSON`, { cause });
  }
}
