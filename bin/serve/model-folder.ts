import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { IntegrityError, NotFoundError, NotReadyError } from '../../lib/errors/index.ts';
import { readModelFile } from '../../lib/learn/file/model-file.ts';
import {
  CHAMPION,
  type ModelBytes,
  type VersionResolver,
  type VersionSelector,
} from '../../lib/serving/index.ts';
import { MODEL_STAGES } from '../../lib/tracking/model-stage.ts';
import type { ModelVersion, RegisteredModel } from '../../lib/tracking/types.ts';

/** What `model pull` leaves beside the model: which version it is. A folder of `train` has none. */
const versionFile = z.object({
  name: z.string().min(1),
  version: z.string(),
  modelSha256: z.string(),
  runId: z.string().default(''),
  createdAt: z.string().default(''),
  stage: z.enum(MODEL_STAGES).default('None'),
});

/** The only name that there is while the folder holds no model. */
const NO_MODEL = 'model';

interface Held {
  /** Tells whether the file is still the same without reading it. */
  mark: string;
  bytes: Uint8Array;
  version: ModelVersion;
}

/**
 * A folder with one model file as a registry of one model with one version, in production. The file is looked at before
 * each answer (every 2 s at most): one that appears or changes is served without a restart, and while there is none, or
 * it is broken, nothing is.
 */
export class ModelFolder implements VersionResolver, ModelBytes {
  readonly #folder: string;
  #held: Promise<Held> | undefined;
  #mark = '';
  #name: string = NO_MODEL;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The model's name, as far as is known. */
  get name(): string {
    return this.#name;
  }

  /** @throws NotReadyError where there is no model yet, IntegrityError where it is broken, NotFoundError */
  async resolve(_: string, model: string, selector: VersionSelector): Promise<ModelVersion> {
    const { version } = await this.#read();
    if (model !== version.name) throw new NotFoundError(`no model named "${model}" is served here`);
    const fits =
      ('alias' in selector && selector.alias === CHAMPION) ||
      ('version' in selector && selector.version === version.version) ||
      ('stage' in selector && selector.stage === version.stage) ||
      'latest' in selector;
    if (!fits) throw new NotFoundError(`model ${model} is served here in version ${version.version} alone`);
    return version;
  }

  async getModel(_: string, model: string): Promise<RegisteredModel> {
    const { version } = await this.#read();
    if (model !== version.name) throw new NotFoundError(`no model named "${model}" is served here`);
    return registered(version);
  }

  /** For the OpenAPI document; empty while there is nothing to serve. */
  async listModels(): Promise<{ items: RegisteredModel[] }> {
    const held = await this.#read().catch(() => undefined);
    return { items: held === undefined ? [] : [registered(held.version)] };
  }

  async get(): Promise<Uint8Array> {
    return (await this.#read()).bytes;
  }

  async #read(): Promise<Held> {
    const path = join(this.#folder, 'model.arbm');
    const info = await stat(path).catch(() => undefined);
    if (!info?.isFile()) {
      this.#held = undefined;
      this.#mark = '';
      throw new NotReadyError(`there is no model in the folder: ${path} is missing`, {
        remedy: 'Put one there: `npx arboleda train --out DIR`, or `npx arboleda model pull NAME --out DIR`.',
      });
    }
    const mark = `${info.ino} ${info.size} ${info.mtimeMs}`;
    if (this.#held === undefined || mark !== this.#mark) {
      this.#mark = mark;
      this.#held = this.#load(path, mark);
      // Not kept: a file that was being written is read again at the next request.
      this.#held.catch(() => {
        if (this.#mark === mark) this.#held = undefined;
      });
    }
    return this.#held;
  }

  async #load(path: string, mark: string): Promise<Held> {
    const bytes = new Uint8Array(await readFile(path));
    const modelSha256 = createHash('sha256').update(bytes).digest('hex');
    const { manifest, model } = readModelFile(bytes);
    const told = await this.#version();
    if (told !== undefined && told.modelSha256 !== modelSha256) {
      throw new IntegrityError(`${path} is not the model that version.json beside it tells of`, {
        remedy: 'Pull it again into an empty folder: `npx arboleda model pull NAME --out DIR`.',
      });
    }
    this.#name = told?.name ?? manifest.name;
    const version: ModelVersion = {
      workspace: 'default',
      name: this.#name,
      version: told?.version ?? '1',
      runId: told?.runId ?? '',
      modelKey: modelSha256,
      modelSha256,
      sizeBytes: bytes.length,
      algorithm: model.algorithm,
      task: model.task,
      metrics: {},
      tags: {},
      createdAt: told?.createdAt ?? '',
      stage: told?.stage ?? 'None',
    };
    return { mark, bytes, version };
  }

  async #version() {
    const text = await readFile(join(this.#folder, 'version.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return versionFile.parse(JSON.parse(text));
    } catch (cause) {
      throw new IntegrityError(`${join(this.#folder, 'version.json')} cannot be read`, { cause });
    }
  }
}

const registered = ({ workspace, name, createdAt, version }: ModelVersion): RegisteredModel => ({
  workspace,
  name,
  createdAt,
  tags: {},
  aliases: { [CHAMPION]: version },
  latestVersion: Number(version),
  policy: { requireStaging: false },
});
