export { InvalidSearchError } from './errors.ts';
export { comparator, compareText, matches } from './evaluate.ts';
export { parseFilter } from './filter.ts';
export { completeOrder, loggedModelOrder, parseOrderBy } from './order-by.ts';
export { decodePageToken, encodePageToken, pageOf } from './page-token.ts';
export type { Clause, Comparator, OrderKey, SearchKind, Subject } from './types.ts';
