import type { Experiment, Run } from '../../../lib/tracking/types.ts';
import type { PlaceOf } from '../../address.ts';
import type { Api } from '../../lib/api.ts';
import { filterText, isPlain, orderBy, orderOf } from './query.ts';
import { type Row, type RunMessage, rowOfMessage, rowOfRun } from './row.ts';

export interface Page {
  rows: Row[];
  /** Where the next page begins; absent: there is none. */
  next?: string | undefined;
}

/** What the table asks for. */
export interface RunQuery extends Omit<PlaceOf<'runs'>, 'view'> {
  /** Every experiment that may be asked; the plain list of all runs does not wait for them. */
  experiments: Promise<readonly Experiment[]>;
}

/** One page of runs: from the list where that will do, else from a search in MLflow's grammar. */
export async function readPage(
  api: Api,
  query: RunQuery,
  { limit, from }: { limit: number; from?: string | undefined },
  signal: AbortSignal,
): Promise<Page> {
  const plain = isPlain(query);
  const experiments = plain && query.pipeline === undefined ? [] : await query.experiments;
  const chosen = experiments.find(({ name }) => name === query.pipeline);
  // A pipeline that never ran has no experiment yet, and so no runs.
  if (query.pipeline !== undefined && chosen === undefined) return { rows: [] };
  if (plain) {
    const asked = { experiment: chosen?.experimentId, limit, cursor: from };
    const page = await api.get<{ runs: Run[]; cursor?: string }>('/runs', asked, signal);
    return { rows: page.runs.map(rowOfRun), next: page.cursor };
  }
  const body = {
    experiment_ids: chosen ? [chosen.experimentId] : experiments.map(({ experimentId }) => experimentId),
    filter: filterText(query.filter, query.all !== undefined),
    order_by: orderBy(orderOf(query.order)),
    max_results: limit,
    page_token: from,
  };
  const path = '/api/2.0/mlflow/runs/search';
  const page = await api.post<{ runs?: RunMessage[]; next_page_token?: string }>(path, body, {}, signal);
  return { rows: (page.runs ?? []).map(rowOfMessage), next: page.next_page_token || undefined };
}

/** All experiments of the workspace, a page after the other. */
export async function readExperiments(api: Api): Promise<Experiment[]> {
  const all: Experiment[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get<{ experiments: Experiment[]; cursor?: string }>('/experiments', {
      limit: 1000,
      cursor,
    });
    all.push(...page.experiments.filter(({ lifecycleStage }) => lifecycleStage !== 'deleted'));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}
