import { stringify } from 'csv-stringify/sync';
import { ArboledaError, BadDataError, TransientError } from '../../errors/index.ts';
import { schemaFromZod, seededRandom } from '../../table/index.ts';
import type { Round } from '../../tracking/index.ts';
import { sourcesOf } from '../catalog.ts';
import { roundCsv } from '../collect/rows.ts';
import { batchesOf } from '../collect/settings.ts';
import {
  type GenerateSource,
  type HttpsSource,
  hashOf,
  type PipelineDefinition,
  type Source,
  sha256,
} from '../definition/index.ts';
import type { RecordedSource } from '../deps.ts';
import { keys } from '../keys.ts';
import type { StageContext } from '../run-stage.ts';
import { download, verified } from '../sources/download.ts';

/** A source that was found: what identifies its bytes, and how to get them. */
export interface ResolvedSource {
  /** `pushed`, `pinned`, a kind of source, or what a recorded run says it was. */
  kind: string;
  identity: string;
  synthetic: boolean;
  passedOver: string[];
  /** The round of collecting, where the rows are a round's. */
  round?: number;
  read(): Promise<Uint8Array>;
}

/** None of a pipeline's sources can be had. */
export class NoSourceError extends BadDataError {
  static override readonly code = 'NO_SOURCE';
  static override readonly remedy =
    'Push the data (`npx arboleda data push FILE --pipeline NAME`), or name a generator as the last source.';
}

/**
 * The first source that can be had. A run that a round of collecting started has that round, whatever came since. Any other has
 * what was brought last, a pushed dataset or a closed round; where there is neither, those of the definition in their order. A
 * public URL that cannot be reached, or answers other bytes than pinned, is passed over, and the run says so.
 *
 * @throws NoSourceError that tells why each was passed over.
 */
export async function resolveSource(context: StageContext): Promise<ResolvedSource> {
  const { deps, workspace, definition, log } = context;
  if (deps.recorded !== undefined) return openRecorded(context, deps.recorded);
  const collects = batchesOf(definition) !== undefined;
  const own = collects && (await deps.collection.roundOfRun(workspace, definition.name, context.runId));
  if (own) return openRound(context, own);
  const pushed = await deps.state.getSource(workspace, definition.name);
  const closed = collects && (await deps.collection.lastClosed(workspace, definition.name));
  if (closed && !(pushed !== undefined && pushed.pushedAt > closed.closedAt)) {
    return openRound(context, closed);
  }
  if (pushed !== undefined) {
    const read = async () =>
      verified(
        await deps.objects.get(pushed.key),
        pushed.sha256,
        `the ${pushed.pinned ? 'pinned' : 'pushed'} ${pushed.fileName}`,
      );
    const { synthetic, pinned } = pushed;
    // The same bytes as data of a caller are not the same data: made-up rows stay so, whoever pushes them later.
    const identity = synthetic ? hashOf({ synthetic: pushed.sha256 }) : pushed.sha256;
    return { kind: pinned ? 'pinned' : 'pushed', identity, synthetic, passedOver: [], read };
  }
  const passedOver: string[] = [];
  for (const source of sourcesOf(definition)) {
    try {
      return { ...(await open(context, source)), kind: source.kind, passedOver };
    } catch (error) {
      if (!(error instanceof ArboledaError) || error instanceof TransientError) throw error;
      passedOver.push(`${source.kind}: ${error.message}`);
      log.info('source passed over', { source: source.kind, why: error.message });
    }
  }
  throw new NoSourceError(`no data for pipeline ${definition.name}: ${passedOver.join('; ')}`);
}

type Opened = Pick<ResolvedSource, 'identity' | 'synthetic' | 'read'>;

async function open(context: StageContext, source: Source): Promise<Opened> {
  switch (source.kind) {
    case 'file': {
      const bytes = await context.deps.repoFile(context.definition.name);
      return { identity: sha256(bytes), synthetic: false, read: async () => bytes };
    }
    case 'batches':
      throw new BadDataError('no round of collecting is closed yet');
    case 'folder':
      throw new BadDataError(
        `${source.path} was not pushed (the command line does so where ARBOLEDA_DATA holds it)`,
      );
    case 'https': {
      const bytes = await fetchOnce(context, source);
      return { identity: source.sha256, synthetic: false, read: async () => bytes };
    }
    case 'generate':
      return {
        identity: hashOf({ generate: source }),
        synthetic: true,
        read: async () => generated(source),
      };
  }
}

function openRecorded(
  { deps, workspace }: StageContext,
  { sha256: identity, synthetic, source }: RecordedSource,
): ResolvedSource {
  const read = async () =>
    verified(await deps.objects.get(keys.raw(workspace, identity)), identity, 'the data');
  return { kind: source, identity, synthetic, passedOver: [], read };
}

/** A round as a source: its subsets in the order of their batches, so that the same subsets are the same dataset. */
async function openRound(context: StageContext, { round }: Round): Promise<ResolvedSource> {
  const { deps, workspace, definition } = context;
  const subsets = await deps.collection.subsets(workspace, definition.name, round);
  const header = schemaFromZod(definition.row).columns.map(({ name }) => name);
  return {
    kind: 'batches',
    identity: hashOf({ header, subsets: subsets.map((subset) => subset.sha256) }),
    synthetic: false,
    passedOver: [],
    round,
    read: () => roundCsv(deps.objects, subsets, header),
  };
}

/** Rows to CSV bytes; the header is the first row's keys. */
function generated(source: GenerateSource): Uint8Array {
  const rows = source.make(seededRandom(source.seed), source.rows);
  return new TextEncoder().encode(stringify(rows, { header: true }));
}

/** Fetches once: what is in the raw zone already is not asked for again. */
async function fetchOnce({ deps, workspace }: StageContext, source: HttpsSource): Promise<Uint8Array> {
  const key = keys.raw(workspace, source.sha256);
  if ((await deps.objects.head(key)) !== undefined) return deps.objects.get(key);
  return download(source, deps.fetch);
}

/**
 * How delivered bytes are to be read: as the URL source that pins their hash says, however they came (downloaded, pushed,
 * or set again by an earlier hash), so that the same bytes are decoded once and never twice. Other bytes, a generator's
 * too, have the row's own columns.
 */
export function deliveredFormat(
  definition: PipelineDefinition,
  sha: string,
): Pick<HttpsSource, 'header' | 'decode'> {
  const pinned = sourcesOf(definition).find((source) => source.kind === 'https' && source.sha256 === sha);
  return pinned?.kind === 'https' ? { header: pinned.header, decode: pinned.decode } : {};
}
