import { counted } from '../../table/counted.ts';
import type { Registry, Runs, Stages } from '../../tracking/index.ts';
import type { Run, StageRecord } from '../../tracking/types.ts';
import { BATCH_KIND, BATCH_TAGS, KIND_TAG } from '../batch/types.ts';
import { childrenOf, ITEM_TAG } from '../stages/child-runs.ts';

export type LineageKind =
  | 'source'
  | 'dataset'
  | 'definition'
  | 'run'
  | 'candidate'
  | 'model'
  | 'version'
  | 'alias';

/** A thing that a run was made of, or that came of it. */
export interface LineageNode {
  id: string;
  kind: LineageKind;
  label: string;
  /** A line below the label: rows, a short hash. */
  detail?: string;
  /** What it is found by: a SHA-256, a run's id, `name/version`. */
  ref?: string;
}

export interface LineageGraph {
  nodes: LineageNode[];
  edges: { from: string; to: string; label?: string }[];
  /** Candidates that are not drawn one by one. */
  omitted: number;
}

/** Candidates that are drawn; of more the selected one and the first of the others. */
const MOST_CANDIDATES = 12;

type Deps = {
  runs: Pick<Runs, 'get' | 'list'>;
  stages: Pick<Stages, 'list'>;
  registry: Pick<Registry, 'getModel'>;
};

/**
 * Where a run's model comes from, and what became of it, as a graph: source, dataset, definition, candidates, the selected
 * model, its version, the aliases that this holds now, and the versions that it was held against. Of a batch prediction: the file,
 * and the version that predicted it.
 */
export async function lineageOfRun(deps: Deps, workspace: string, runId: string): Promise<LineageGraph> {
  const run = await deps.runs.get(workspace, runId);
  const [records, nested] = await Promise.all([deps.stages.list(workspace, runId), childrenOf(deps, run)]);
  // A client may nest runs of its own below it: they are no candidates.
  const children = nested.filter(({ tags }) => tags[ITEM_TAG] !== undefined);
  const graph = new Graph();
  graph.node({ id: 'run', kind: 'run', label: run.name, detail: run.status.toLowerCase(), ref: runId });
  data(graph, run, records);
  if (run.basedOn !== undefined) {
    graph.node({ id: 'based-on', kind: 'run', label: `run ${run.basedOn.slice(0, 8)}`, ref: run.basedOn });
    graph.edge('based-on', 'run', 'its earlier stages');
  }
  const omitted = candidates(graph, run, children, records);
  await registered(deps.registry, graph, run);
  return { nodes: graph.nodes, edges: graph.edges, omitted };
}

class Graph {
  readonly nodes: LineageNode[] = [];
  readonly edges: LineageGraph['edges'] = [];

  node(node: LineageNode): void {
    this.nodes.push(node);
  }

  /** Nothing where either end is not there. */
  edge(from: string, to: string, label?: string): void {
    const known = (id: string) => this.nodes.some((node) => node.id === id);
    if (known(from) && known(to)) this.edges.push({ from, to, ...(label !== undefined && { label }) });
  }
}

const short = (sha: string): string => sha.slice(0, 12);
const rowsText = (rows: unknown): string =>
  rows !== undefined && Number.isFinite(Number(rows)) ? counted(Number(rows), 'row') : '';
const isBatch = ({ tags }: Run): boolean => tags[KIND_TAG] === BATCH_KIND;

function data(graph: Graph, run: Run, records: readonly StageRecord[]): void {
  const { lineage, tags, params } = run;
  const { sourceSha256, datasetSha256, definitionSha256 } = lineage;
  if (sourceSha256 !== undefined) {
    const kind = (isBatch(run) ? params['batch.fileName'] : tags['data.source']) ?? 'source';
    const rows = tags[isBatch(run) ? BATCH_TAGS.rows : 'data.rows'];
    const made = tags['data.synthetic'] === 'true' ? ', generated' : '';
    const detail = [rowsText(rows), short(sourceSha256)].filter(Boolean).join(' · ');
    graph.node({ id: 'source', kind: 'source', label: `${kind}${made}`, detail, ref: sourceSha256 });
  }
  if (definitionSha256 !== undefined) {
    const ref = definitionSha256;
    graph.node({ id: 'definition', kind: 'definition', label: 'definition', detail: short(ref), ref });
  }
  if (datasetSha256 !== undefined) {
    const clean = records.find(({ stage, item }) => stage === 'clean' && item === undefined);
    const detail = [rowsText(clean?.outputs.rows), short(datasetSha256)].filter(Boolean).join(' · ');
    graph.node({ id: 'dataset', kind: 'dataset', label: 'clean dataset', detail, ref: datasetSha256 });
    graph.edge('source', 'dataset', 'clean');
    graph.edge('definition', 'dataset');
    graph.edge('dataset', 'run');
  } else {
    graph.edge('source', 'run');
    graph.edge('definition', 'run');
  }
}

/** @returns how many are not drawn */
function candidates(
  graph: Graph,
  run: Run,
  children: readonly Run[],
  records: readonly StageRecord[],
): number {
  const evaluated = records.find(({ stage, outputs }) => stage === 'evaluate' && 'modelSha256' in outputs);
  const sha256 = evaluated?.outputs.modelSha256;
  const selected = children.find(({ tags }) => tags[ITEM_TAG] === evaluated?.outputs.item);
  const others = children.filter((child) => child !== selected);
  const shown = [...(selected ? [selected] : []), ...others].slice(0, MOST_CANDIDATES);
  for (const child of children.filter((one) => shown.includes(one))) {
    const { tags, runId, status } = child;
    const label = `${tags['model.algorithm'] ?? 'candidate'} ${tags[ITEM_TAG] ?? ''}`.trim();
    graph.node({
      id: `candidate-${runId}`,
      kind: 'candidate',
      label,
      detail: status.toLowerCase(),
      ref: runId,
    });
    graph.edge('run', `candidate-${runId}`, 'train');
  }
  if (typeof sha256 === 'string') {
    const label = String(evaluated?.outputs.algorithm ?? run.params.algorithm ?? 'model');
    graph.node({
      id: 'model',
      kind: 'model',
      label: `selected: ${label}`,
      detail: short(sha256),
      ref: sha256,
    });
    graph.edge(selected === undefined ? 'run' : `candidate-${selected.runId}`, 'model', 'evaluate');
  }
  return children.length - shown.length;
}

async function registered(registry: Deps['registry'], graph: Graph, run: Run): Promise<void> {
  const { 'model.name': name, 'model.version': version } = run.tags;
  if (name !== undefined && version !== undefined) {
    graph.node({ id: 'version', kind: 'version', label: `${name} ${version}`, ref: `${name}/${version}` });
    graph.edge(graph.nodes.some(({ id }) => id === 'model') ? 'model' : 'run', 'version', 'register');
    // The model may have been renamed or deleted since, and a client may write these tags: then there is no alias to show.
    const model = await registry.getModel(run.workspace, name).catch(() => undefined);
    for (const [alias, held] of Object.entries(model?.aliases ?? {})) {
      if (held !== version) continue;
      graph.node({ id: `alias-${alias}`, kind: 'alias', label: alias, detail: 'now', ref: name });
      graph.edge('version', `alias-${alias}`);
    }
  }
  for (const parent of run.lineage.parentVersions ?? []) {
    if (graph.nodes.some(({ ref }) => ref === parent)) continue;
    graph.node({ id: `parent-${parent}`, kind: 'version', label: parent.replace('/', ' '), ref: parent });
    graph.edge(`parent-${parent}`, 'run', isBatch(run) ? 'predicted by' : 'compared with');
  }
}
