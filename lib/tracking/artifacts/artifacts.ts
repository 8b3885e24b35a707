import { ConflictError, InvalidInputError, NotFoundError } from '../../errors/index.ts';
import type { MultipartUploads, ObjectStore, UploadedPart } from '../../store/ports.ts';
import type { Runs } from '../runs.ts';
import type { Artifact, Run } from '../types.ts';
import { filesUnder, folderEntries } from './listing.ts';
import { artifactKey, artifactsPrefix, artifactUriOf, proxiedPath } from './location.ts';
import { mediaType } from './media-type.ts';
import { confineName, confinePath, localName } from './path.ts';
import { type ArtifactEntry, PipelineFiles } from './pipeline-files.ts';

/** A URL that gives a file's bytes without a token. */
export interface Download {
  url: string;
  size: number;
}

/** An upload in parts that a client puts to S3 by itself. */
export interface OpenUpload {
  uploadId: string;
  parts: { number: number; url: string }[];
}

/** Five minutes to begin a download; one that began goes on. MLflow's own default. */
export const DOWNLOAD_SECONDS = 300;
/** A slow line may need hours for all parts, whose URLs are all made at the start. */
const PART_SECONDS = 6 * 3600;
/** S3's own. */
const MAX_PARTS = 10_000;
/** URLs of some 2 KB each: an answer of 6 MB holds no more. */
export const MAX_PARTS_AT_ONCE = 2_500;

interface Stores {
  objects: Pick<ObjectStore, 'put' | 'head' | 'list' | 'folder' | 'removeAll' | 'presignGet'>;
  uploads: MultipartUploads;
  runs: Pick<Runs, 'find' | 'findArtifact' | 'listArtifacts'>;
}

/**
 * Files of runs and logged models, as clients of MLflow put and get them: S3 under `WORKSPACE/artifacts/PATH`, and S3's
 * listing is their index. What a pipeline keeps under keys of its own shows in the folder of its run, and is not changed
 * from here. Every path is confined first; all methods throw InvalidInputError on one that would leave.
 */
export class Artifacts {
  readonly #objects: Stores['objects'];
  readonly #uploads: MultipartUploads;
  readonly #runs: Stores['runs'];
  readonly #own: PipelineFiles;

  constructor({ objects, uploads, runs }: Stores) {
    this.#objects = objects;
    this.#uploads = uploads;
    this.#runs = runs;
    this.#own = new PipelineFiles(runs);
  }

  /** Puts a file; the same path again replaces it. @throws ConflictError on a pipeline's own */
  async put(workspace: string, path: string, bytes: Uint8Array, contentType?: string): Promise<void> {
    const confined = confineName(path);
    await this.#mustBeFree(workspace, confined);
    await this.#objects.put(artifactKey(workspace, confined), bytes, {
      contentType: contentType ?? mediaType(confined),
    });
  }

  /** What is in a folder, by name; nothing where there is no such folder, or it is a file. */
  async list(workspace: string, path = ''): Promise<ArtifactEntry[]> {
    const confined = confinePath(path);
    const [uploaded, own] = await Promise.all([
      folderEntries(
        this.#objects,
        confined === '' ? artifactsPrefix(workspace) : `${artifactKey(workspace, confined)}/`,
      ),
      this.#own.entries(workspace, confined),
    ]);
    const entries = new Map(uploaded.map((entry) => [entry.name, entry]));
    for (const entry of own) if (!entries.has(entry.name)) entries.set(entry.name, entry);
    return [...entries.values()].sort((a, b) => byText(a.name, b.name));
  }

  /** A URL of the file's bytes. @throws NotFoundError, and InvalidInputError on a folder */
  async download(workspace: string, path: string): Promise<Download> {
    const confined = confineName(path);
    const key = artifactKey(workspace, confined);
    const found = (await this.#objects.head(key)) ?? (await this.#own.find(workspace, confined));
    if (found === undefined) {
      if ((await this.list(workspace, confined)).length > 0) {
        throw new InvalidInputError(`Artifact path refers to a directory, not a file: '${confined}'`, {
          field: 'path',
        });
      }
      throw new NotFoundError(`No such artifact: '${confined}'`, { field: 'path' });
    }
    const fileName = confined.split('/').at(-1) ?? confined;
    const url = await this.#objects.presignGet(found.key, { seconds: DOWNLOAD_SECONDS, fileName });
    return { url, size: found.size };
  }

  /**
   * Removes a file, or a folder with all that was uploaded to it; nothing where nothing is. Half done, it is completed by
   * a repeat. @throws ConflictError on a pipeline's own file
   */
  async remove(workspace: string, path: string): Promise<void> {
    const confined = confineName(path);
    await this.#mustBeFree(workspace, confined);
    const key = artifactKey(workspace, confined);
    // The folder first: a file and a folder of one name are both gone when the file is.
    for (;;) {
      const { objects, cursor } = await this.#objects.list(`${key}/`);
      if (objects.length > 0) await this.#objects.removeAll(objects.map((object) => object.key));
      if (cursor === undefined) break;
    }
    await this.#objects.removeAll([key]);
  }

  /**
   * Opens an upload of a file in parts.
   *
   * @param folder where it goes; @param localPath the file on the client's machine, whose name it keeps
   * @param count of parts
   * @throws ConflictError on a pipeline's own
   */
  async openUpload(workspace: string, folder: string, localPath: string, count: number): Promise<OpenUpload> {
    const path = uploadPath(folder, localPath);
    if (!(Number.isInteger(count) && count >= 1 && count <= MAX_PARTS)) {
      throw new InvalidInputError(`Invalid num_parts: ${count}. It must be from 1 to ${MAX_PARTS}.`, {
        field: 'num_parts',
      });
    }
    if (count > MAX_PARTS_AT_ONCE) {
      throw new InvalidInputError(
        `Invalid num_parts: ${count}. The URLs of at most ${MAX_PARTS_AT_ONCE} parts fit into one answer. ` +
          'Make the parts larger: set MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE (bytes) in the environment of the client.',
        { field: 'num_parts' },
      );
    }
    await this.#mustBeFree(workspace, path);
    const key = artifactKey(workspace, path);
    const uploadId = await this.#uploads.create(key, { contentType: mediaType(path) });
    const sign = async (number: number) => ({
      number,
      url: await this.#uploads.presignPart(key, uploadId, number, { seconds: PART_SECONDS }),
    });
    return { uploadId, parts: await Promise.all(Array.from({ length: count }, (_, i) => sign(i + 1))) };
  }

  /** Makes the file of its parts. A repeat is fine. @throws NotFoundError, InvalidInputError */
  async completeUpload(
    workspace: string,
    folder: string,
    localPath: string,
    uploadId: string,
    parts: readonly UploadedPart[],
  ): Promise<void> {
    await this.#uploads.complete(artifactKey(workspace, uploadPath(folder, localPath)), uploadId, parts);
  }

  /** Forgets an upload; a repeat is fine. */
  async abortUpload(workspace: string, folder: string, localPath: string, uploadId: string): Promise<void> {
    await this.#uploads.abort(artifactKey(workspace, uploadPath(folder, localPath)), uploadId);
  }

  /**
   * All files of a run: its pipeline's own and what clients uploaded, by path.
   *
   * @param options.most uploaded files are read, in that order; all where it is not given
   */
  async ofRun(run: Run, options: { most?: number } = {}): Promise<Artifact[]> {
    const { workspace, runId } = run;
    const root = proxiedPath(artifactUriOf(run));
    const [own, uploaded] = await Promise.all([
      this.#runs.listArtifacts(workspace, runId),
      root === undefined ? [] : filesUnder(this.#objects, `${artifactKey(workspace, root)}/`, options.most),
    ]);
    const files = new Map(own.map((artifact) => [artifact.path, artifact]));
    for (const file of uploaded) files.set(file.path, { ...file, contentType: mediaType(file.path) });
    return [...files.values()].sort((a, b) => byText(a.path, b.path));
  }

  /** One file of a run, the pipeline's own or uploaded; undefined where there is none. */
  async findOfRun(run: Run, path: string): Promise<Artifact | undefined> {
    const { workspace, runId } = run;
    const own = await this.#runs.findArtifact(workspace, runId, path);
    const root = proxiedPath(artifactUriOf(run));
    if (own !== undefined || root === undefined) return own;
    const inner = confineName(path);
    const found = await this.#objects.head(artifactKey(workspace, `${root}/${inner}`));
    return found && { path: inner, key: found.key, size: found.size, contentType: mediaType(inner) };
  }

  async #mustBeFree(workspace: string, path: string): Promise<void> {
    if ((await this.#own.find(workspace, path)) === undefined) return;
    throw new ConflictError(`'${path}' was made by the run's pipeline and is not changed`, {
      field: 'path',
      remedy: 'Give the file another name.',
    });
  }
}

function uploadPath(folder: string, localPath: string): string {
  const name = localName(localPath);
  const path = confineName(`${folder}/${name}`);
  // `..` is refused by then; `.` and an empty name would make the folder itself the file.
  if (path === confinePath(folder)) throw new InvalidInputError('Invalid path', { field: 'path' });
  return path;
}

/** By code points, as S3 and Python sort; JavaScript's `<` differs beyond U+FFFF. */
const byText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
