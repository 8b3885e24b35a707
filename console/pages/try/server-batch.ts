import type { StartedBatch } from '../../../lib/http/types.ts';
import { type Api, Problem, path } from '../../lib/api.ts';

/** What a file may have, as the API's own limit. */
export const SERVER_BYTES = 200 * 1024 * 1024;

/** Where the API takes a file, by one PUT. */
interface Upload {
  uploadId: string;
  url: string;
  headers: Record<string, string>;
}

export interface ServerBatch {
  model: string;
  version: string | undefined;
  file: Pick<File, 'name' | 'size' | 'arrayBuffer'>;
  /** Told what is done now. */
  step: (words: string) => void;
  signal: AbortSignal;
  fetch?: typeof fetch;
}

/**
 * Declares a file, puts it where the API says, and has it predicted. The same file by the same version is the same run,
 * so that doing it again does no harm.
 *
 * @throws Problem
 */
export async function startOnServer(api: Api, batch: ServerBatch): Promise<StartedBatch> {
  const { file, step, signal, model, version, fetch: send = fetch } = batch;
  step('Reading the file');
  const bytes = await file.arrayBuffer();
  const declared = { fileName: file.name, bytes: file.size, sha256: await sha256(bytes) };
  step('Uploading');
  const upload = await api.post<Upload>('/data/uploads', declared, {}, signal);
  await put(send, upload, bytes, signal);
  step('Starting');
  const at = path`/models/${model}/batch-predictions`;
  return api.post<StartedBatch>(at, { uploadId: upload.uploadId }, { version }, signal);
}

/** Without the token: the address itself is the permission. */
async function put(send: typeof fetch, { url, headers }: Upload, body: ArrayBuffer, signal: AbortSignal) {
  const answer = await send(url, { method: 'PUT', headers, body, signal, credentials: 'omit' }).catch(
    (error: unknown) => {
      if (signal.aborted) throw error;
      throw refused('The file store does not answer this page.');
    },
  );
  if (!answer.ok) throw refused(`The file store answered ${answer.status}.`);
}

const refused = (message: string): Problem =>
  new Problem(0, {
    code: 'UPLOAD_FAILED',
    message,
    remedy: 'Try again, or from a shell: npx arboleda predict-batch MODEL FILE',
  });

async function sha256(bytes: ArrayBuffer): Promise<string> {
  if (globalThis.crypto.subtle === undefined) {
    throw new Problem(0, {
      code: 'NO_DIGEST',
      message: 'This browser takes the hash of a file on https pages only.',
      remedy: 'From a shell: npx arboleda predict-batch MODEL FILE',
    });
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
