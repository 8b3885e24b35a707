import { inputColumns } from '../../table/example-row.ts';
import { SplitMismatchError } from '../../tracking/splits/errors.ts';
import type { LoadedVersion } from '../model-loader.ts';

/**
 * Whether a version may answer, or shadow, what callers send to the champion: it predicts the same target, and reads the same
 * columns in the same order (rows may be lists).
 *
 * @throws SplitMismatchError naming what differs
 */
export function checkInterchangeable(champion: LoadedVersion, other: LoadedVersion): void {
  const [ours, theirs] = [facts(champion), facts(other)];
  const different = (['task', 'target', 'columns'] as const).find((name) => ours[name] !== theirs[name]);
  if (different === undefined) return;
  const { name, version } = other.version;
  throw new SplitMismatchError(
    `version ${version} of model ${name} differs from the champion, version ${champion.version.version}, in its ${different}`,
    { field: 'arms', details: { version, [different]: theirs[different], champion: ours[different] } },
  );
}

function facts({ version: { task }, model: { manifest } }: LoadedVersion) {
  const { rowSchema, target, preprocessing } = manifest;
  const columns = inputColumns({ rowSchema, target, ...(preprocessing && { input: preprocessing.input }) });
  return { task, target, columns: columns.map(({ name }) => name).join(', ') };
}
