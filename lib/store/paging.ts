import type { Item, ItemStore, QueryRequest } from './ports.ts';

/** Every item of a query, page by page, in order. */
export async function* queryAll(
  items: ItemStore,
  request: Omit<QueryRequest, 'cursor'>,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page = await items.query({ ...request, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Every item of a query as one array; for partitions that are known to be small. */
export async function collect(items: ItemStore, request: Omit<QueryRequest, 'cursor'>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of queryAll(items, request)) all.push(item);
  return all;
}
