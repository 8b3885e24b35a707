import { InvalidInputError } from '../errors/index.ts';
import { fromText, toText } from './json.ts';
import type { DatasetInput, MetricPoint } from './types.ts';

/**
 * The rows of a run's document. `p` param, `t` tag, `m` latest metric (value, step, time), `d` a part of a dataset, `i` a
 * model that was read, `o` one that was made (at a step).
 */
export type Row =
  | readonly ['p' | 't', string, string]
  | MetricRow
  | DatasetRow
  | readonly ['i', string]
  | readonly ['o', string, number];
export type MetricRow = readonly ['m', string, string, number, number];
/** Which dataset, which part of how many, and the part's text. */
export type DatasetRow = readonly ['d', string, number, number, string];

/** A dataset's text is cut into parts of so many characters: with its escapes one fits a page. */
const PART = 100_000;
/** Bytes. One write takes 4 MB in all, and escapes may double a text. */
const MAX_DATASET = 1_500_000;

/** What makes an entry of the document one: writing it again replaces it. */
export function idOf(kind: Row[0], key: string, part?: number): string {
  return part === undefined ? `${kind}:${key}` : `${kind}:${part}:${key}`;
}

export function pointOf(row: MetricRow): MetricPoint {
  return { key: row[1], value: Number(row[2]), step: row[3], timestamp: row[4] };
}

/** A dataset as rows that fit into pages. @throws InvalidInputError where one write could not take it. */
export function datasetRows(input: DatasetInput): DatasetRow[] {
  const { name, digest } = input.dataset;
  const text = toText(input);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DATASET) {
    const message = `dataset ${JSON.stringify(name.slice(0, 60))} has ${bytes} bytes with its schema and profile, and ${MAX_DATASET} are kept at most`;
    throw new InvalidInputError(message, { field: 'datasets' });
  }
  const id = JSON.stringify([name, digest]);
  const parts = Math.ceil(text.length / PART);
  return Array.from({ length: parts }, (_, part) => [
    'd',
    id,
    part,
    parts,
    text.slice(part * PART, (part + 1) * PART),
  ]);
}

/**
 * The datasets of such rows, in the order in which they were logged. One that a reader saw in part, since it was written
 * between the reads of two pages, is left out: it was not there when the reading began.
 */
export function datasetsOf(rows: readonly DatasetRow[]): DatasetInput[] {
  const found = new Map<string, { parts: number; texts: string[] }>();
  for (const [, id, part, parts, text] of rows) {
    const held = found.get(id) ?? { parts, texts: [] };
    held.texts[part] = text;
    found.set(id, held);
  }
  return [...found.values()]
    .filter(({ parts, texts }) => Object.keys(texts).length === parts)
    .map(({ texts }) => fromText<DatasetInput>(texts.join(''), 'run'));
}
