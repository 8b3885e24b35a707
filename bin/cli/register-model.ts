import { createHash } from 'node:crypto';
import { ArboledaError } from '../../lib/errors/index.ts';
import { readServable } from '../../lib/serving/servable.ts';
import { exampleRow } from '../../lib/table/example-row.ts';
import { checkAlias, checkModelName } from '../../lib/tracking/names.ts';
import { pause } from '../local/stay.ts';
import type { ConvertedModel } from '../local-train/import-model.ts';
import type { RegisteredImport, Upload } from './api-types.ts';
import { type ApiClient, ApiError, path, UnreachableError } from './client.ts';
import { predictCurl } from './curl.ts';
import { putTo } from './upload.ts';

/** A registered version, and how to ask it. */
export interface RegisteredModel extends RegisteredImport {
  alias?: string;
  /** A command that predicts by this version. */
  curl: string;
}

export interface RegisterOptions {
  /** The registered model; the file's own name must be the same. */
  name: string;
  /** Moved to the version afterwards. */
  alias?: string | undefined;
  onProgress?: (share: number) => void;
  /** Between two tries; tests shorten it. */
  waitMilliseconds?: number;
}

/** The registration is the same however often it is asked for, so an answer that was lost is simply asked for again. */
const TRIES = 3;
const WAIT = 2_000;

/**
 * Registers a converted model in the stack: judges it as the stack will, uploads the model file, makes it a version,
 * and moves the alias where one is given.
 *
 * @throws InvalidNameError, ModelTooLargeError, UnservableModelError before anything is sent; ApiError; UnreachableError
 */
export async function registerModel(
  client: ApiClient,
  { body, source }: ConvertedModel,
  options: RegisterOptions,
): Promise<RegisteredModel> {
  const { name, alias, onProgress, waitMilliseconds = WAIT } = options;
  checkModelName(name);
  if (alias !== undefined) checkAlias(alias);
  const { manifest } = readServable(body, name);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const declared = { fileName: 'model.arbm', bytes: body.length, sha256 };
  const upload = await client.post<Upload>('/data/uploads', declared);
  await putTo(upload, body, onProgress);
  const registered = await untilAnswered(waitMilliseconds, () =>
    client.post<RegisteredImport>(path`/models/${name}/versions`, {
      uploadId: upload.uploadId,
      source: described(source),
    }),
  );
  const { version } = registered;
  if (alias !== undefined) {
    const reason = `imported from ${described(source).fileName}`;
    await client.put(path`/models/${name}/aliases/${alias}`, { version, reason });
  }
  const { target, rowSchema, preprocessing } = manifest;
  const row = exampleRow({ target, rowSchema, input: preprocessing.input });
  const curl = predictCurl(
    client.target.apiUrl,
    name,
    row,
    // What serves without being asked for needs no number.
    alias === 'production' ? undefined : version,
  );
  return { ...registered, ...(alias === undefined ? {} : { alias }), curl };
}

async function untilAnswered<T>(milliseconds: number, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES || !mayPass(error)) throw error;
      await pause(milliseconds);
    }
  }
}

const mayPass = (error: unknown): boolean =>
  error instanceof UnreachableError ||
  (error instanceof ApiError && error.status >= 502) ||
  (error instanceof ArboledaError && error.transient);

/** What the file says of itself may be anything: the API takes visible characters. */
function described({ fileName, producer, ...rest }: ConvertedModel['source']) {
  const visible = (text: string, most: number) => text.replaceAll(/[\p{C}/\\]/gu, '_').slice(0, most);
  const by = producer.replaceAll(/\p{C}/gu, '_').trim().slice(0, 200);
  return { ...rest, fileName: visible(fileName, 255), ...(by === '' ? {} : { producer: by }) };
}
