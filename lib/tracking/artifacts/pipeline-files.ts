import type { Runs } from '../runs.ts';
import type { Artifact } from '../types.ts';
import { artifactUriOf, proxiedPath, runOfPath } from './location.ts';

/** A file or a folder directly in the folder that was listed. */
export interface ArtifactEntry {
  name: string;
  isFolder: boolean;
  /** Bytes; of files. */
  size?: number;
}

/** What pipelines keep of their runs under keys of their own, as if it were in the folders of these runs. */
export class PipelineFiles {
  readonly #runs: Pick<Runs, 'find' | 'findArtifact' | 'listArtifacts'>;

  constructor(runs: Pick<Runs, 'find' | 'findArtifact' | 'listArtifacts'>) {
    this.#runs = runs;
  }

  /** What the platform itself keeps of a run under this path, one level deep. */
  async entries(workspace: string, path: string): Promise<ArtifactEntry[]> {
    const place = runOfPath(path);
    if (place === undefined) return [];
    const records = await this.#runs.listArtifacts(workspace, place.runId);
    if (records.length === 0 || !(await this.#isRootOf(workspace, place))) return [];
    const prefix = place.inner === '' ? '' : `${place.inner}/`;
    const inside = records.filter((record) => record.path.startsWith(prefix));
    return inside.map((record): ArtifactEntry => {
      const [name = '', ...rest] = record.path.slice(prefix.length).split('/');
      return rest.length > 0 ? { name, isFolder: true } : { name, isFolder: false, size: record.size };
    });
  }

  /** The platform's own file at this very path. */
  async find(workspace: string, path: string): Promise<Artifact | undefined> {
    const place = runOfPath(path);
    if (place === undefined || place.inner === '') return undefined;
    const found = await this.#runs.findArtifact(workspace, place.runId, place.inner);
    return found !== undefined && (await this.#isRootOf(workspace, place)) ? found : undefined;
  }

  /** Whether the run's files are in this folder: its URI may name another. */
  async #isRootOf(workspace: string, { root, runId }: { root: string; runId: string }): Promise<boolean> {
    const run = await this.#runs.find(workspace, runId);
    return run !== undefined && proxiedPath(artifactUriOf(run)) === root;
  }
}
