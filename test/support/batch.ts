import { createHash } from 'node:crypto';
import { joinBatch } from '../../lib/pipeline/batch/join.ts';
import { type ChunkSizes, planBatch } from '../../lib/pipeline/batch/plan.ts';
import { predictChunk } from '../../lib/pipeline/batch/predict-chunk.ts';
import { type BatchRequest, type StartedBatch, startBatch } from '../../lib/pipeline/batch/start.ts';
import { closeRun } from '../../lib/pipeline/control/close.ts';
import type { PipelineDeps } from '../../lib/pipeline/deps.ts';
import type { ObjectStore } from '../../lib/store/ports.ts';
import type { Run } from '../../lib/tracking/types.ts';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Registers a model file as the next version of a model, and promotes it. */
export async function serveModel(
  { objects, registry }: { objects: Pick<ObjectStore, 'put'>; registry: PipelineDeps['registry'] },
  name: string,
  bytes: Uint8Array,
  task: 'regression' | 'classification',
): Promise<string> {
  const modelSha256 = sha256Of(bytes);
  const modelKey = `default/models/${modelSha256}.arbm`;
  await objects.put(modelKey, bytes, { contentType: 'application/octet-stream' });
  await registry.createModel('default', { name });
  const { version } = await registry.createVersion('default', name, {
    identity: modelSha256,
    runId: 'c'.repeat(32),
    modelKey,
    modelSha256,
    sizeBytes: bytes.length,
    algorithm: 'linear-regression',
    task,
  });
  await registry.moveAlias('default', {
    model: name,
    alias: 'production',
    version,
    expectedVersion: null,
    actor: 'test',
    reason: 'test',
  });
  return version;
}

/** Puts a file as an upload would, and asks for its prediction. */
export async function uploadAndStart(
  deps: PipelineDeps,
  model: string,
  bytes: Uint8Array,
  more: Partial<BatchRequest> = {},
): Promise<StartedBatch> {
  const uploadId = more.uploadId ?? sha256Of(bytes).slice(0, 32);
  await deps.objects.put(`default/uploads/${uploadId}`, bytes, { contentType: 'application/octet-stream' });
  return startBatch(deps, 'default', {
    model,
    uploadId,
    file: { name: 'rows.csv', bytes: bytes.length, sha256: sha256Of(bytes) },
    format: 'csv',
    actor: 'test',
    ...more,
  });
}

/** Does what the state machine does with one attempt. `order` says in which order the chunks are done. */
export async function driveBatch(
  deps: PipelineDeps,
  { runId, attempt }: { runId: string; attempt: number },
  options: { sizes?: ChunkSizes; order?: (ids: string[]) => string[]; parallel?: boolean } = {},
): Promise<Run> {
  const input = { workspace: 'default', runId, attempt };
  const { sizes, order = (ids) => ids } = options;
  let stage = 'plan';
  try {
    const { list } = await planBatch(deps, input, sizes);
    const items = JSON.parse(Buffer.from(await deps.objects.get(list)).toString('utf8')) as {
      chunk: string;
    }[];
    stage = 'predict';
    const ids = order(items.map(({ chunk }) => chunk));
    if (options.parallel === true) {
      await Promise.all(ids.map((chunk) => predictChunk(deps, { ...input, chunk })));
    } else for (const chunk of ids) await predictChunk(deps, { ...input, chunk });
    stage = 'join';
    await joinBatch(deps, input);
  } catch (error) {
    const { name, message } = error as Error;
    const caught = { Error: name, Cause: JSON.stringify({ errorMessage: message }) };
    return closeRun(deps, input, { outcome: 'failed', stage, error: caught });
  }
  return closeRun(deps, input, { outcome: 'finished' });
}
