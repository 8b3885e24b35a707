import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import { reportAssets } from '../../../lib/learn/index.ts';
import {
  CANDIDATES_PATH,
  type CandidateRecord,
  compare,
  DEFINITION_PATH,
  MODEL_PATH,
  type Reproduction,
  type RunRecord,
  reproducible,
  rerun,
} from '../../../lib/pipeline/reproduce/index.ts';
import { LocalObjectStore } from '../../../lib/store/local/index.ts';
import type { Artifact, Run } from '../../../lib/tracking/types.ts';
import type { RunDetail } from '../api-types.ts';
import type { Here } from './here.ts';

/** What a reproduction asks of the stack that holds the run. */
export interface RunSource {
  run(runId: string): Promise<RunDetail>;
  /** Delivered data, checked by its hash. */
  data(sha256: string): Promise<Uint8Array>;
  /** An artifact's bytes, checked by their hash where the run says it. */
  artifact(runId: string, artifact: Artifact): Promise<Uint8Array>;
}

export interface ReproduceOptions {
  source: RunSource;
  here: () => Promise<Here>;
  /** The working folder to keep; a temporary one, removed at the end, where absent. */
  keep?: string | undefined;
  note?: (text: string) => void;
}

/**
 * Does a recorded run again from its delivered bytes, in a folder that holds nothing else, and compares.
 *
 * @throws NotReproducibleError; NotFoundError where there is no such pipeline here; InvalidInputError where `keep` is not
 *   empty; ApiError; UnreachableError; IntegrityError where the stored data is not what the run read
 */
export async function reproduce(
  runId: string,
  { source, here, keep, note = () => undefined }: ReproduceOptions,
): Promise<Reproduction> {
  const { stages, artifacts, progress: _, ...run } = await source.run(runId);
  const found = reproducible(run);
  const folder =
    keep === undefined ? await mkdtemp(join(tmpdir(), 'arboleda-reproduce-')) : await emptyFolder(keep);
  try {
    note(`run ${runId} of ${found.pipeline}, from the data ${found.sourceSha256.slice(0, 12)}…`);
    const bytes = await source.data(found.sourceSha256);
    const { catalog, surroundings } = await here();
    const conditions = surroundings(found.pipeline);
    const recorded: RunRecord = { run, stages, artifacts, ...(await filesOf(source, runId, artifacts)) };
    const again = await rerun({
      run,
      pipeline: found.pipeline,
      source: bytes,
      catalog,
      objects: new LocalObjectStore(folder),
      reportAssets: loadReportAssets,
      onStage: (stage) => note(`  ${stage} again`),
    });
    const result = compare(recorded, again, conditions);
    if (keep !== undefined) await keepFiles(folder, recorded, again.run, result);
    return result;
  } finally {
    if (keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function filesOf(source: RunSource, runId: string, artifacts: readonly Artifact[]) {
  const bytesOf = async (path: string): Promise<Uint8Array | undefined> => {
    const artifact = artifacts.find((one) => one.path === path);
    return artifact && source.artifact(runId, artifact);
  };
  const jsonOf = async (path: string): Promise<unknown> => {
    const bytes = await bytesOf(path);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  };
  return {
    definition: await jsonOf(DEFINITION_PATH),
    candidates: (await jsonOf(CANDIDATES_PATH)) as CandidateRecord[] | undefined,
    model: await bytesOf(MODEL_PATH),
  };
}

async function emptyFolder(path: string): Promise<string> {
  const folder = resolve(path);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new InvalidInputError(`${path} is not empty: a reproduction begins with nothing`, {
      field: 'keep',
      remedy: 'Name a folder that is empty or not there.',
    });
  }
  return folder;
}

/** Beside the objects of the new run: the recorded model, for a comparison by other means, and what was found. */
async function keepFiles(
  folder: string,
  recorded: RunRecord,
  again: Run,
  result: Reproduction,
): Promise<void> {
  if (recorded.model) await writeFile(join(folder, 'recorded-model.arbm'), recorded.model);
  await writeFile(join(folder, 'reproduction.json'), `${JSON.stringify({ ...result, again }, null, 2)}\n`);
}

async function loadReportAssets(): Promise<{ wasm: Uint8Array; font: Uint8Array }> {
  const require = createRequire(import.meta.url);
  const [wasm, font] = await Promise.all(
    [reportAssets.wasm, reportAssets.font].map((specifier) => readFile(require.resolve(specifier))),
  );
  return { wasm: wasm!, font: font! };
}
