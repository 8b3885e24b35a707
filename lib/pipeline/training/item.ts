import { BadDefinitionError } from '../../errors/index.ts';

/**
 * One item of the train Map, as its name says: a whole candidate (`3`), or one shard of a candidate's work
 * (`3_2of8`: the second of eight). Letters, digits and underscores, since the name stands in keys of S3 and DynamoDB.
 */
export interface TrainItem {
  /** Counts through the batches of the first candidate, then of the second, and so on. */
  index: number;
  shard?: Shard;
}

export interface Shard {
  /** From 1. */
  number: number;
  of: number;
}

const NAME = /^(\d+)(?:_(\d+)of(\d+))?$/;

/** @throws BadDefinitionError for a name that plan does not give out */
export function parseItem(name: string): TrainItem {
  const [, index, number, of] = NAME.exec(name) ?? [];
  const shard = number === undefined ? undefined : { number: Number(number), of: Number(of) };
  if (index === undefined || (shard && !(shard.number >= 1 && shard.number <= shard.of))) {
    throw new BadDefinitionError(`"${name}" is no item of the train stage`, { field: 'item' });
  }
  return { index: Number(index), ...(shard && { shard }) };
}

export const itemName = (index: number, shard?: Shard): string =>
  shard === undefined ? String(index) : `${index}_${shard.number}of${shard.of}`;

/** Whether the item's result is a model: a candidate's, not a shard's. */
export const isWhole = (name: string | undefined): boolean => name !== undefined && /^\d+$/.test(name);

/**
 * The pieces (trees) `from` to `to - 1` that a shard makes: all of them together cover every piece once, and no two
 * differ by more than one piece.
 */
export function shardRange(pieces: number, { number, of }: Shard): { from: number; to: number } {
  const start = (k: number) => Math.floor((k * pieces) / of);
  return { from: start(number - 1), to: start(number) };
}
