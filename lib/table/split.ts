import * as z from 'zod';
import { BadDefinitionError } from '../errors/index.ts';
import { TooFewRowsError } from './errors.ts';
import { shuffled, shuffleInPlace } from './random.ts';
import { rowIdentities } from './rows.ts';
import { requireColumn } from './table.ts';
import type { Table } from './types.ts';

const share = z.number().min(0).max(1);

/** How rows are parted. Shares sum to 1; `stratify` keeps the classes' shares, `groupBy` keeps equal values together. */
export const splitSpecSchema = z
  .strictObject({
    train: share,
    validation: share,
    test: share,
    seed: z.int().min(0),
    stratify: z.boolean().optional(),
    groupBy: z.string().min(1).optional(),
  })
  .refine(({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-9, {
    message: 'train, validation and test must sum to 1',
    path: ['train'],
  })
  .refine(({ train }) => train > 0, { message: 'train must have a share', path: ['train'] })
  .refine(({ stratify, groupBy }) => !(stratify && groupBy !== undefined), {
    message: 'a split is stratified or by group, not both',
    path: ['groupBy'],
  });
export type SplitSpec = z.infer<typeof splitSpecSchema>;

/** Row indices of each part, ascending; every row stands in exactly one part. */
export interface Split {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
  /** Stratified only: classes with fewer rows than there are parts. All their rows are in train. */
  rareClasses: string[];
}

type Shares = readonly [number, number, number];

/**
 * Parts the rows at random by the seed. Depends on the rows' order, the spec, and (stratified or by group) on that one
 * column; on nothing else. Sizes: largest remainder, so each part is within one row of its share. Stratified, each
 * class is within one row of its share in each part too. By group, each part is within two groups' size of its share.
 * A row without a group value is a group of its own.
 *
 * @throws BadDefinitionError where the spec is wrong or the target has no classes to stratify by
 * @throws UnknownColumnError where `groupBy`, or the target to stratify by, is not in the table
 * @throws TooFewRowsError where a part with a share would be empty
 * @example
 * splitRows(table, { train: 0.8, validation: 0.1, test: 0.1, seed: 42, stratify: true }, 'Cover_Type');
 */
export function splitRows(table: Table, spec: SplitSpec, target: string): Split {
  const checked = splitSpecSchema.safeParse(spec);
  if (!checked.success) {
    throw new BadDefinitionError(`the split is wrong: ${checked.error.issues[0]?.message}`, {
      field: 'split',
    });
  }
  const shares: Shares = [spec.train, spec.validation, spec.test];
  const rare: string[] = [];
  const partOf =
    spec.groupBy !== undefined
      ? byGroup(table, spec.groupBy, shares, spec.seed)
      : spec.stratify
        ? stratified(table, target, shares, spec.seed, rare)
        : atRandom(table.rowCount, shares, spec.seed);
  const [train, validation, test] = [0, 1, 2].map((part) => rowsOf(partOf, part)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const parts = { train, validation, test };
  for (const [name, rows] of Object.entries(parts)) {
    if (rows.length > 0 || spec[name as keyof typeof parts] === 0) continue;
    throw new TooFewRowsError(`${table.rowCount} rows leave none for ${name}`, { details: { part: name } });
  }
  return { ...parts, rareClasses: rare };
}

function rowsOf(partOf: Uint8Array, part: number): Int32Array {
  const rows = new Int32Array(partOf.length);
  let count = 0;
  for (let i = 0; i < partOf.length; i++) if (partOf[i] === part) rows[count++] = i;
  return rows.slice(0, count);
}

function atRandom(rowCount: number, shares: Shares, seed: number): Uint8Array {
  const partOf = new Uint8Array(rowCount);
  deal(shuffled(rowCount, seed), apportion(rowCount, shares), partOf);
  return partOf;
}

/** The first rows of the order to train, the next to validation, the rest to test. */
function deal(order: ArrayLike<number>, sizes: readonly number[], partOf: Uint8Array): void {
  let at = 0;
  sizes.forEach((size, part) => {
    for (const end = at + size; at < end; at++) partOf[order[at] as number] = part;
  });
}

/**
 * Whole numbers that sum to `count` and are each within one of their share: largest remainder (Hamilton). `owed` is what
 * each part was short of before; it counts when the last rows are given out.
 */
export function apportion(count: number, shares: readonly number[], owed: readonly number[] = []): number[] {
  const ideal = shares.map((one) => one * count);
  const sizes = ideal.map((one) => Math.floor(one + 1e-9));
  const claims = ideal
    .map((one, part) => ({ part, claim: one - (sizes[part] as number) + (owed[part] ?? 0) }))
    .filter(({ part }) => (shares[part] as number) > 0)
    .sort((a, b) => b.claim - a.claim || a.part - b.part);
  let left = count - sizes.reduce((sum, size) => sum + size, 0);
  for (const { part } of claims) if (left-- > 0) sizes[part] = (sizes[part] as number) + 1;
  return sizes;
}

function stratified(table: Table, target: string, shares: Shares, seed: number, rare: string[]): Uint8Array {
  const column = requireColumn(table, target);
  const classes = groupsOf({ rowCount: table.rowCount, columns: [column] });
  if (classes.length > 50 && classes.length * 2 > table.rowCount) {
    const text = `"${target}" has ${classes.length} values in ${table.rowCount} rows: there are no classes to stratify by`;
    throw new BadDefinitionError(text, { field: 'split.stratify', remedy: 'Leave stratify out.' });
  }
  const parts = shares.filter((one) => one > 0).length;
  const partOf = new Uint8Array(table.rowCount);
  const owed = [0, 0, 0];
  const ideal = (part: number, rows: Int32Array) => (shares[part] as number) * rows.length;
  classes.forEach((rows, k) => {
    const few = rows.length < parts;
    const sizes = few ? [rows.length, 0, 0] : atLeastOneToLearn(apportion(rows.length, shares, owed));
    if (few) rare.push(labelOf(table, target, rows[0] as number));
    else
      for (const [part, size] of sizes.entries())
        owed[part] = (owed[part] as number) + ideal(part, rows) - size;
    // Each class its own draw: a class more or less does not move the rows of the others.
    shuffleInPlace(rows, seed + k + 1);
    deal(rows, sizes, partOf);
  });
  return partOf;
}

/** A class that no training row has could not be learnt. */
function atLeastOneToLearn(sizes: number[]): number[] {
  if ((sizes[0] as number) > 0) return sizes;
  const largest = (sizes[1] as number) > (sizes[2] as number) ? 1 : 2;
  sizes[0] = 1;
  sizes[largest] = (sizes[largest] as number) - 1;
  return sizes;
}

function labelOf(table: Table, target: string, row: number): string {
  const column = requireColumn(table, target);
  const value = 'values' in column ? column.values[row] : column.categories[column.codes[row] as number];
  return String(value);
}

/** The rows of each distinct value, in order of appearance. */
function groupsOf(table: Table): Int32Array[] {
  const ids = rowIdentities([table])[0] as Int32Array;
  const sizes: number[] = [];
  for (const id of ids) sizes[id] = (sizes[id] ?? 0) + 1;
  const groups = sizes.map((size) => new Int32Array(size));
  const filled = new Int32Array(sizes.length);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    (groups[id] as Int32Array)[filled[id] as number] = i;
    filled[id] = (filled[id] as number) + 1;
  }
  return groups;
}

/** Groups in random order, each to the part that is shortest of its size: no part ends past its size by a whole group. */
function byGroup(table: Table, groupBy: string, shares: Shares, seed: number): Uint8Array {
  const column = requireColumn(table, groupBy);
  const groups = groupsOf({ rowCount: table.rowCount, columns: [column] }).flatMap((rows) =>
    isMissingGroup(column, rows[0] as number) ? Array.from(rows, (row) => Int32Array.of(row)) : [rows],
  );
  const room = apportion(table.rowCount, shares);
  const partOf = new Uint8Array(table.rowCount);
  for (const g of shuffled(groups.length, seed)) {
    const rows = groups[g] as Int32Array;
    const part = room.indexOf(Math.max(...room));
    room[part] = (room[part] as number) - rows.length;
    for (const row of rows) partOf[row] = part;
  }
  return partOf;
}

function isMissingGroup(column: ReturnType<typeof requireColumn>, row: number): boolean {
  return 'values' in column ? Number.isNaN(column.values[row]) : column.codes[row] === -1;
}
