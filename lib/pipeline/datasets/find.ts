import { InvalidInputError, NotFoundError } from '../../errors/index.ts';
import type { ObjectStore } from '../../store/ports.ts';

/** What a hash names: a clean dataset (its manifest), or delivered bytes. */
export interface DataReference {
  kind: 'dataset' | 'source';
  sha256: string;
}

/** More than one thing begins with these digits. */
export class AmbiguousHashError extends InvalidInputError {
  static override readonly code: string = 'AMBIGUOUS_HASH';
  static override readonly remedy: string = 'Give more digits of the hash.';
}

/** So many of the things that a prefix may mean are shown. */
const SHOWN = 5;

/**
 * What a full SHA-256, or the first digits of one, names in this workspace. Objects are named by their hash, so the
 * listing of S3 is the index.
 *
 * @throws InvalidInputError, AmbiguousHashError, NotFoundError
 */
export async function findData(
  objects: Pick<ObjectStore, 'list'>,
  workspace: string,
  text: string,
): Promise<DataReference> {
  const digits = text.toLowerCase();
  if (!/^[0-9a-f]{6,64}$/.test(digits)) {
    throw new InvalidInputError(`"${text.slice(0, 80)}" is no hash of data`, {
      field: 'hash',
      remedy:
        'Give a SHA-256 of a dataset or of a source, or at least six of its first digits; `npx arboleda data list` shows them.',
    });
  }
  const [datasets, sources] = await Promise.all(
    ['datasets', 'raw'].map((zone) =>
      objects
        .list(`${workspace}/${zone}/${digits}`, { limit: SHOWN })
        .then((page) =>
          page.objects.flatMap(({ key }) => /\/([0-9a-f]{64})(?:\.json)?$/.exec(key)?.[1] ?? []),
        ),
    ),
  );
  const found: DataReference[] = [
    ...(datasets ?? []).map((sha256) => ({ kind: 'dataset' as const, sha256 })),
    ...(sources ?? []).map((sha256) => ({ kind: 'source' as const, sha256 })),
  ];
  const [first, second] = found;
  if (first === undefined) {
    throw new NotFoundError(`no dataset and no source begins with ${digits}`, {
      field: 'hash',
      remedy: '`npx arboleda data list` shows what there is.',
    });
  }
  if (second === undefined) return first;
  throw new AmbiguousHashError(`${digits} may mean ${found.length} things`, {
    field: 'hash',
    details: { candidates: found.slice(0, SHOWN).map(({ kind, sha256 }) => ({ kind, sha256 })) },
  });
}
