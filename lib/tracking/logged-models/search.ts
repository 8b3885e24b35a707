import { queryAll } from '../../store/paging.ts';
import type { Item, ItemStore } from '../../store/ports.ts';
import { partition } from '../keys.ts';
import { toLoggedModel } from './items.ts';
import { row } from './keys.ts';
import type { LoggedModel } from './types.ts';

/** What to look for. Without an order: newest first, then by id. */
export interface LoggedModelSearch {
  experimentIds: readonly string[];
  matches?: (model: LoggedModel) => boolean;
  /** Of two models that fit, which comes first; equals are ordered newest first. */
  compare?: (a: LoggedModel, b: LoggedModel) => number;
  limit: number;
  /** From the page before. */
  after?: SearchPosition;
  /** A page ends before its models' JSON is longer than this; it has one model at least. */
  maxBytes?: number;
}

/** Where the next page begins: behind a model, or, where an order was given, at a number. */
export type SearchPosition = { createdAt: number; modelId: string } | { offset: number };

export interface LoggedModelPage {
  models: LoggedModel[];
  next?: SearchPosition;
}

/** What an answer of Lambda may hold, with room for its own words. */
const MOST_BYTES = 4_500_000;

/** Newest first, of the same millisecond by id. */
const byAge = (a: LoggedModel, b: LoggedModel): number =>
  b.createdAt - a.createdAt || (a.modelId < b.modelId ? -1 : Number(a.modelId > b.modelId));

/**
 * Newest first in one experiment reads until the page is full; another order, or several experiments, read all of the
 * models: they are rows of one partition each, about 500 models a request.
 */
export async function searchLoggedModels(
  items: ItemStore,
  ws: string,
  wanted: LoggedModelSearch,
): Promise<LoggedModelPage> {
  const experimentIds = [...new Set(wanted.experimentIds)];
  const { compare, after, limit, maxBytes = MOST_BYTES } = wanted;
  const fits = (model: LoggedModel) => model.lifecycleStage === 'active' && (wanted.matches?.(model) ?? true);
  if (compare === undefined && experimentIds.length === 1) {
    const start = after !== undefined && 'modelId' in after ? after : undefined;
    const page = new PageOfModels(limit, maxBytes);
    for await (const model of modelsOf(items, ws, experimentIds[0]!, start)) {
      if (fits(model) && !page.take(model)) {
        const { createdAt, modelId } = page.models.at(-1)!;
        return { models: page.models, next: { createdAt, modelId } };
      }
    }
    return { models: page.models };
  }
  const found: LoggedModel[] = [];
  for (const id of experimentIds) {
    for await (const model of modelsOf(items, ws, id)) if (fits(model)) found.push(model);
  }
  found.sort((a, b) => compare?.(a, b) || byAge(a, b));
  const offset = after !== undefined && 'offset' in after ? after.offset : 0;
  const page = new PageOfModels(limit, maxBytes);
  for (const model of found.slice(offset)) {
    if (!page.take(model)) return { models: page.models, next: { offset: offset + page.models.length } };
  }
  return { models: page.models };
}

class PageOfModels {
  readonly models: LoggedModel[] = [];
  readonly #limit: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(limit: number, maxBytes: number) {
    this.#limit = limit;
    this.#maxBytes = maxBytes;
  }

  /** False where the page has no room for it. */
  take(model: LoggedModel): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(model));
    const full = this.models.length >= this.#limit || this.#bytes + bytes > this.#maxBytes;
    if (full && this.models.length > 0) return false;
    this.models.push(model);
    this.#bytes += bytes;
    return true;
  }
}

/** The models of one experiment, newest first. */
async function* modelsOf(
  items: ItemStore,
  ws: string,
  experimentId: string,
  after?: { createdAt: number; modelId: string },
): AsyncGenerator<LoggedModel> {
  const pk = partition.loggedModels(ws, experimentId);
  const request = { pk, consistent: true, ...(after && { skBetween: row.after(after) }) };
  let rows: Item[] = [];
  for await (const item of queryAll(items, request)) {
    if (rows.length > 0 && row.modelOf(rows[0]!.sk) !== row.modelOf(item.sk)) {
      const model = toLoggedModel(ws, rows);
      if (model !== undefined) yield model;
      rows = [];
    }
    rows.push(item);
  }
  const last = rows.length > 0 ? toLoggedModel(ws, rows) : undefined;
  if (last !== undefined) yield last;
}
