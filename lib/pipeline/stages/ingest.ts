import { Readable } from 'node:stream';
import { counted, grouped } from '../../table/counted.ts';
import { type BadRow, readCsv, TooManyBadRowsError } from '../../table/index.ts';
import { describeDefinition } from '../catalog.ts';
import { schemaFingerprint, sha256 } from '../definition/index.ts';
import { keys } from '../keys.ts';
import type { StageContext, StageDefinition } from '../run-stage.ts';
import { tellIngest } from './data-facts.ts';
import { storeTable } from './dataset.ts';
import { deliveredFormat, type ResolvedSource, resolveSource } from './resolve-source.ts';
import type { IngestOutputs } from './types.ts';

/**
 * Gets the delivered bytes into the raw zone, reads them as the row schema says, sets bad rows aside, and writes the
 * typed table. More bad rows than the definition allows end the run.
 */
export const ingestStage: StageDefinition<IngestOutputs> = {
  stage: 'ingest',
  prepare: async (context) => {
    const { definition } = context;
    const source = await resolveSource(context);
    return {
      inputs: {
        source: source.identity,
        ...deliveredFormat(definition, source.identity),
        row: schemaFingerprint(definition.row),
        missing: definition.missing,
        maxBadShare: definition.maxBadShare,
      },
      execute: () => ingest(context, source),
      promised: (outputs) => [outputs.rawKey, outputs.tableKey],
      publish: (outputs) => publish(context, outputs, source),
      note: (outputs) =>
        `${counted(outputs.rows, 'row')} from ${outputs.source}${outputs.synthetic ? ' (synthetic)' : ''}, ${grouped(outputs.badRows)} set aside`,
    };
  },
};

async function ingest(context: StageContext, source: ResolvedSource): Promise<IngestOutputs> {
  const { deps, workspace, runId, definition } = context;
  const { schema } = describeDefinition(definition);
  const bytes = await source.read();
  const sourceSha256 = sha256(bytes);
  const rawKey = keys.raw(workspace, sourceSha256);
  await deps.objects.putIfAbsent(rawKey, bytes, { contentType: 'application/octet-stream' });
  const { row, missing, maxBadShare } = definition;
  const quarantineAt = keys.quarantine(workspace, runId);
  const format = deliveredFormat(definition, sourceSha256);
  const options = { schema, row, missing, maxBadShare, ...format };
  const read = await readCsv(Readable.from([bytes]), options).catch(async (error: unknown) => {
    // The run fails, and its owner needs the rows more than ever.
    if (error instanceof TooManyBadRowsError)
      await showQuarantine(context, await quarantine(context, error.badRows, quarantineAt));
    throw error;
  });
  const table = await storeTable(deps.objects, workspace, read.table);
  return {
    rawKey,
    sourceSha256,
    tableKey: table.key,
    tableSha256: table.sha256,
    rows: read.table.rowCount,
    badRows: read.badCount,
    quarantineKey: await quarantine(context, read.badRows, quarantineAt),
    synthetic: source.synthetic,
    source: source.kind,
    passedOver: source.passedOver,
  };
}

/** One JSON object a bad row: its line in the delivered file, the reason, the values as read. */
async function quarantine(
  { deps }: StageContext,
  rows: readonly BadRow[],
  key: string,
): Promise<string | null> {
  if (rows.length === 0) return null;
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await deps.objects.put(key, text, { contentType: 'application/x-ndjson' });
  return key;
}

async function publish(context: StageContext, outputs: IngestOutputs, source: ResolvedSource): Promise<void> {
  const { deps, workspace, runId } = context;
  await tellIngest(deps, workspace, runId, outputs);
  if (source.round !== undefined) {
    await deps.runs.setTags(workspace, runId, { 'data.round': String(source.round) });
  }
  await showQuarantine(context, outputs.quarantineKey);
}

/** Lists the bad rows among the run's artifacts. */
async function showQuarantine({ deps, workspace, runId }: StageContext, key: string | null): Promise<void> {
  const info = key === null ? undefined : await deps.objects.head(key);
  if (key === null || info === undefined) return;
  const contentType = 'application/x-ndjson';
  await deps.runs.addArtifact(workspace, runId, {
    path: 'quarantine.jsonl',
    key,
    size: info.size,
    contentType,
  });
}
