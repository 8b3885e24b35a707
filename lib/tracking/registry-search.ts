import { collect } from '../store/paging.ts';
import type { Item } from '../store/ports.ts';
import { partition } from './keys.ts';
import { toModel } from './registry-items.ts';
import type { RegistryRecords } from './registry-records.ts';
import {
  type Clause,
  comparator,
  matches,
  pageOf,
  parseFilter,
  parseOrderBy,
  type SearchKind,
  type Subject,
} from './search/index.ts';
import type { ModelVersion, RegisteredModel } from './types.ts';

/** A search in MLflow's words. */
export interface RegistrySearch {
  filter?: string;
  orderBy?: readonly string[];
  maxResults: number;
  pageToken?: string;
}

/** What was found, in order, and the token of what follows. */
export interface Found<T> {
  items: T[];
  nextPageToken?: string;
}

/** The tag by which MLflow tells prompts from models. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt';
/** How many models' versions are read at once. */
const AT_ONCE = 16;

const millis = (time: string): number => Date.parse(time);

const modelSubject = ({ name, tags, createdAt, lastUpdated = createdAt }: RegisteredModel): Subject => ({
  attributes: { name, creation_timestamp: millis(createdAt), last_updated_timestamp: millis(lastUpdated) },
  tags,
});

const versionSubject = (version: ModelVersion): Subject => {
  const { name, runId, createdAt, lastUpdated = createdAt } = version;
  return {
    attributes: {
      name,
      version_number: Number(version.version),
      run_id: runId ?? '',
      source_path: sourceOf(version),
      creation_timestamp: millis(createdAt),
      last_updated_timestamp: millis(lastUpdated),
    },
    tags: version.tags,
  };
};

/** The URI that a version was registered from; one that a pipeline made names the artifact of its run. */
export function sourceOf({ source, modelId, runId }: ModelVersion): string {
  if (source !== undefined) return source;
  return modelId === undefined ? `runs:/${runId}/model` : `models:/${modelId}`;
}

/** See `Registry.searchModels`. */
export async function searchModels(
  records: RegistryRecords,
  ws: string,
  search: RegistrySearch,
): Promise<Found<RegisteredModel>> {
  const select = selection(ws, 'registered_model', search, modelSubject);
  const items = await collect(records.items, { pk: partition.models(ws), consistent: true });
  return select(items.map((item) => toModel(ws, item)));
}

/** See `Registry.searchVersions`. */
export async function searchVersions(
  records: RegistryRecords,
  ws: string,
  search: RegistrySearch,
): Promise<Found<ModelVersion>> {
  const select = selection(ws, 'model_version', search, versionSubject);
  // A filter by name spares the others' partitions.
  const names = parseFilter(search.filter, 'model_version').filter(
    ({ type, key }) => type === 'attribute' && key === 'name',
  );
  const models = await collect(records.items, { pk: partition.models(ws), consistent: true });
  const wanted = models.filter((item) => matches(names, { attributes: { name: item.name as string } }));
  const versions: ModelVersion[] = [];
  for (let from = 0; from < wanted.length; from += AT_ONCE) {
    const some: Item[] = wanted.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map((model) => records.versions(ws, model)));
    versions.push(...read.flat());
  }
  return select(versions);
}

/**
 * MLflow's client asks every time that it be no prompt. A model says so by having no such tag, so the condition is left out;
 * one that asks for prompts stays, and finds none.
 */
function withoutPromptClauses(clauses: readonly Clause[]): readonly Clause[] {
  const asks = clauses.find(({ type, key }) => type === 'tag' && key === PROMPT_TAG);
  const value = String(asks?.value).toLowerCase();
  const forPrompts =
    (asks?.comparator === '=' && value === 'true') || (asks?.comparator === '!=' && value === 'false');
  return forPrompts ? clauses : clauses.filter(({ type, key }) => type !== 'tag' || key !== PROMPT_TAG);
}

/** Filter, order and page as one; throws before anything is read. @throws InvalidSearchError */
function selection<T>(
  ws: string,
  kind: SearchKind,
  { filter, orderBy = [], maxResults, pageToken }: RegistrySearch,
  subjectOf: (one: T) => Subject,
): (all: T[]) => Found<T> {
  const clauses = withoutPromptClauses(parseFilter(filter, kind));
  const order = comparator(parseOrderBy(orderBy, kind));
  const query = [ws, kind, filter ?? '', orderBy];
  pageOf([], query, { maxResults, pageToken });
  return (all) => {
    const found = all
      .map((one) => ({ one, subject: subjectOf(one) }))
      .filter(({ subject }) => subject.tags?.[PROMPT_TAG] !== 'true' && matches(clauses, subject))
      .sort((a, b) => order(a.subject, b.subject));
    return pageOf(
      found.map(({ one }) => one),
      query,
      { maxResults, pageToken },
    );
  };
}
