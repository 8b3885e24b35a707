import type { Item } from '../store/ports.ts';
import { fromText, fromTextIfAny, toText } from './json.ts';
import { key } from './keys.ts';
import type { RunDocument } from './run-document.ts';
import { INDEX_VERSION } from './run-search/entries.ts';
import type { Lineage, Run, RunDetail, RunError, RunStatus } from './types.ts';

/** FINISHED, FAILED and KILLED are final, but for a retry. */
export function isTerminal(status: RunStatus): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'KILLED';
}

/** The attributes of a header that stand by themselves; the rest is text. */
const PLAIN = [
  'runId',
  'experimentId',
  'name',
  'status',
  'startTime',
  'endTime',
  'pipeline',
  'trigger',
  'attempt',
  'from',
  'to',
  'force',
  'basedOn',
  'cancelRequested',
  'lifecycleStage',
  'userId',
  'artifactUri',
] as const;

/** A run as its header item. `rev` counts the writes of its document and lineage. */
export function toHeader(run: Run, document: RunDocument, rev = 1): Item {
  const plain = Object.fromEntries(
    PLAIN.map((name) => [name, run[name]]).filter(([, value]) => value !== undefined),
  );
  return {
    ...key.run(run.workspace, run.runId),
    ...plain,
    ...(run.error && { error: toText(run.error) }),
    lineage: toText(run.lineage),
    document: document.changes.get(0) ?? '[]',
    pages: document.furtherPages,
    rev,
    index: INDEX_VERSION,
  };
}

export function toRun(workspace: string, header: Item, document: RunDocument): Run {
  const plain = Object.fromEntries(
    PLAIN.map((name) => [name, header[name]]).filter(([, value]) => value !== undefined),
  );
  const error = fromTextIfAny<RunError>(header.error, 'run');
  return {
    ...(plain as unknown as Pick<Run, (typeof PLAIN)[number]>),
    workspace,
    ...(error && { error }),
    lineage: fromText<Lineage>(header.lineage, 'run'),
    tags: document.tags,
    params: document.params,
    metrics: document.metrics,
  };
}

/** The run with what only MLflow's protocol tells: latest points, datasets, models. */
export function toRunDetail(workspace: string, header: Item, document: RunDocument): RunDetail {
  const { latest, datasets, modelInputs, modelOutputs } = document;
  return { ...toRun(workspace, header, document), latest, datasets, modelInputs, modelOutputs };
}

/** Adds what `more` knows; hashes of code are merged by stage, parent versions as a set. */
export function mergeLineage(lineage: Lineage, more: Lineage): Lineage {
  const codeVersions = { ...lineage.codeVersions, ...more.codeVersions };
  const parents = [...new Set([...(lineage.parentVersions ?? []), ...(more.parentVersions ?? [])])].sort();
  const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
  return {
    ...lineage,
    ...given,
    ...(Object.keys(codeVersions).length > 0 && { codeVersions }),
    ...(parents.length > 0 && { parentVersions: parents }),
  };
}
