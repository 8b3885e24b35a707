import * as z from 'zod';
import { withoutSecrets } from '../../errors/index.ts';
import { SourceFaultError } from './errors.ts';
import type { Answer } from './get.ts';

/** Characters of an answer that are told, and that are looked at for them. */
const SHOWN = 200;
const LOOKED_AT = 20_000;

export type Cell = string | number | boolean | null;

/** What one call brought: a sample of the present batch, or the word that there is no more data. */
export type Delivery =
  | { kind: 'subset'; batch: number | undefined; rows: Cell[][] }
  | { kind: 'exhausted'; detail: string };

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const body = z.object({
  batch_number: z.int().min(0).max(999_999_999_999).optional(),
  data: z.array(z.array(cell)).min(1),
});

/**
 * Reads an answer of the source: 200 with `{ "batch_number": N, "data": [[...], ...] }`, 400 where there is no more data.
 *
 * @param columns how many cells a row must have.
 * @param hide takes the request's secrets out of words of the source, before these are told.
 * @throws SourceFaultError (server-error, refused, truncated, malformed)
 */
export function readDelivery(
  { status, body: bytes }: Answer,
  columns: number,
  hide: (text: string) => string = withoutSecrets,
): Delivery {
  const text = new TextDecoder().decode(bytes);
  /** A few words of an answer, for a person. Cut behind the hiding: half a secret is found by nobody. */
  const shown = () => hide(text.slice(0, LOOKED_AT)).replace(/\s+/g, ' ').slice(0, SHOWN);
  if (status === 400) return { kind: 'exhausted', detail: shown() };
  if (status >= 500) throw new SourceFaultError('server-error', `the source answered ${status}`);
  if (status !== 200) throw new SourceFaultError('refused', `the source answered ${status}: ${shown()}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SourceFaultError('truncated', `the answer is no whole JSON (${bytes.length} bytes)`, { cause });
  }
  const parsed = body.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SourceFaultError(
      'malformed',
      `the answer's ${issue?.path.join('.') || 'body'}: ${issue?.message}`,
    );
  }
  const { data, batch_number: batch } = parsed.data;
  const odd = data.findIndex((row) => row.length !== columns);
  if (odd >= 0) {
    throw new SourceFaultError('malformed', `data[${odd}] has ${data[odd]!.length} cells, not ${columns}`);
  }
  return { kind: 'subset', batch, rows: data };
}
