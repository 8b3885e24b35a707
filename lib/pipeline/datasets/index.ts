import { ConflictError, NotFoundError } from '../../errors/index.ts';
import type { Clock, ObjectStore } from '../../store/ports.ts';
import type { PipelineState, Registry, Runs } from '../../tracking/index.ts';
import type { Catalog } from '../catalog.ts';
import { keys } from '../keys.ts';
import { describeData, filesOf, readManifest, usersOf } from './describe.ts';
import { diffDatasets } from './diff.ts';
import { findData } from './find.ts';
import { listDatasets } from './list.ts';
import { type RollBackWithData, rollBackWithData } from './rollback.ts';
import { diffVersions, referenceWithin, resolveReference } from './versions.ts';

export type { DescribedDataset, DescribedSource } from './describe.ts';
export type { DatasetDiff } from './diff.ts';
export type { DatasetList, ListedDataset } from './list.ts';
export type { VersionDiff } from './versions.ts';

export interface DatasetDeps {
  objects: Pick<ObjectStore, 'get' | 'head' | 'list'>;
  runs: Pick<Runs, 'get' | 'list'>;
  registry: Pick<Registry, 'getModel' | 'getVersion' | 'resolve' | 'exportVersion' | 'rollback' | 'audit'>;
  state: Pick<PipelineState, 'getSource' | 'clearSource'>;
  catalog: Pick<Catalog, 'names' | 'get'>;
  clock: Clock;
}

/** A file of data, where it lies. */
export interface StoredFile {
  key: string;
  sha256: string;
  fileName: string;
  contentType: string;
}

/** Data by its hash: what there is, what differs, and how to go back to it. */
export class Datasets {
  readonly #deps: DatasetDeps;

  constructor(deps: DatasetDeps) {
    this.#deps = deps;
  }

  /** @throws NotFoundError where the pipeline is unknown */
  async list(workspace: string, pipeline?: string) {
    if (pipeline !== undefined) this.#deps.catalog.get(pipeline);
    return listDatasets(this.#deps, workspace, this.#deps.catalog.names(), pipeline);
  }

  /** @param hash a SHA-256, or at least six of its first digits */
  async describe(workspace: string, hash: string) {
    return describeData(this.#deps, workspace, await findData(this.#deps.objects, workspace, hash));
  }

  /** One file: `raw` of a source; of a dataset its tables. @throws NotFoundError that lists the names */
  async file(workspace: string, hash: string, name: string): Promise<StoredFile> {
    const { kind, sha256 } = await findData(this.#deps.objects, workspace, hash);
    if (kind === 'source') {
      if (name !== 'raw') throw noFile(name, ['raw']);
      const key = keys.raw(workspace, sha256);
      return { key, sha256, fileName: sha256, contentType: 'application/octet-stream' };
    }
    const files = filesOf(await readManifest(this.#deps.objects, workspace, sha256));
    const found = files.find((file) => file.name === name);
    if (found === undefined)
      throw noFile(
        name,
        files.map((file) => file.name),
      );
    const { key, sha256: own } = found.part;
    return { key, sha256: own, fileName: name, contentType: 'application/vnd.apache.parquet' };
  }

  /** A source stands for the dataset that was last made of it. */
  async diff(workspace: string, a: string, b: string) {
    const [one, other] = await Promise.all([this.#manifest(workspace, a), this.#manifest(workspace, b)]);
    return diffDatasets(one, other);
  }

  /** @param other a version of the same model, or a reference to one of another */
  async diffVersions(workspace: string, model: string, version: string, other: string) {
    const { registry } = this.#deps;
    // Both are read before either is looked up: a look-up that nobody waits for any more would end the process by its failure.
    const references = [referenceWithin(model, version, 'version'), referenceWithin(model, other, 'with')];
    const [a, b] = await Promise.all(
      references.map((reference) => resolveReference(registry, workspace, reference)),
    );
    return diffVersions(this.#deps, workspace, a as NonNullable<typeof a>, b as NonNullable<typeof b>);
  }

  rollBack(workspace: string, back: RollBackWithData) {
    return rollBackWithData(this.#deps, workspace, back);
  }

  /** From its next run on the pipeline reads its definition's own sources. @returns what it read before */
  async release(workspace: string, pipeline: string) {
    this.#deps.catalog.get(pipeline);
    const before = await this.#deps.state.getSource(workspace, pipeline);
    await this.#deps.state.clearSource(workspace, pipeline);
    return before ?? null;
  }

  async #manifest(workspace: string, hash: string) {
    const { objects, runs } = this.#deps;
    const found = await findData(objects, workspace, hash);
    const sha256 =
      found.kind === 'dataset'
        ? found.sha256
        : (await usersOf(runs, workspace, found.sha256)).find((one) => one.datasetSha256)?.datasetSha256;
    if (sha256 === undefined) {
      throw new ConflictError(`source ${found.sha256} was never cleaned: there is nothing to compare yet`, {
        remedy: 'Run its pipeline first: `npx arboleda run PIPELINE --to clean --wait`.',
      });
    }
    return { sha256, manifest: await readManifest(objects, workspace, sha256) };
  }
}

const noFile = (name: string, names: readonly string[]): NotFoundError =>
  new NotFoundError(`there is no file "${name}"`, {
    field: 'file',
    remedy: `Use one of: ${names.join(', ')}.`,
  });
