import { TooLargeError } from '../errors/index.ts';
import { BadItemError, ItemTooLargeError } from './errors.ts';
import type { Item, Key, WriteOperation } from './ports.ts';

/** DynamoDB's limit of one item, names and values together. */
export const MAX_ITEM_BYTES = 400 * 1024;
/** DynamoDB's limits of one transaction. */
export const MAX_TRANSACTION_OPERATIONS = 100;
export const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
/** DynamoDB's limit of one page of a query. */
export const MAX_PAGE_BYTES = 1024 * 1024;
/** Step Functions' limit of an execution's input. */
export const MAX_EXECUTION_INPUT_BYTES = 256 * 1024;
const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;
/** DynamoDB's numbers: 38 digits between 1e-130 and 9.99e125 in magnitude. */
const LARGEST_NUMBER = 9.99e125;
const SMALLEST_NUMBER = 1e-130;
/** DynamoDB's limit of nesting. */
const MAX_DEPTH = 32;

const bytes = (text: string): number => Buffer.byteLength(text);

function numberSize(value: number, path: string): number {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size > LARGEST_NUMBER || (size !== 0 && size < SMALLEST_NUMBER)) {
    throw new BadItemError(`${path} is ${value}, which DynamoDB's numbers cannot hold`, { field: path });
  }
  return 21;
}

function valueSize(value: unknown, path: string, depth: number): number {
  if (depth > MAX_DEPTH)
    throw new BadItemError(`${path} is nested deeper than ${MAX_DEPTH}`, { field: path });
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return bytes(value);
  if (typeof value === 'number') return numberSize(value, path);
  if (Array.isArray(value)) {
    return value.reduce<number>(
      (sum, element, i) => sum + 1 + valueSize(element, `${path}[${i}]`, depth + 1),
      3,
    );
  }
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return attributesSize(value as Record<string, unknown>, `${path}.`, depth + 1) + 3;
  }
  throw new BadItemError(`${path} is not JSON`, { field: path });
}

function attributesSize(attributes: Record<string, unknown>, path: string, depth: number): number {
  let size = 0;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (name === '__proto__')
      throw new BadItemError(`${path}__proto__ is no attribute name`, { field: path });
    size += 1 + bytes(name) + valueSize(value, path + name, depth);
  }
  return size;
}

function checkKeyPart(value: unknown, name: string, most: number): void {
  if (typeof value !== 'string' || value === '')
    throw new BadItemError(`${name} is not a text`, { field: name });
  if (bytes(value) > most) throw new BadItemError(`${name} is over ${most} bytes`, { field: name });
}

/** Refuses a key that DynamoDB would refuse. Throws BadItemError. */
export function checkKey(key: Key): void {
  checkKeyPart(key.pk, 'pk', MAX_PARTITION_KEY_BYTES);
  checkKeyPart(key.sk, 'sk', MAX_SORT_KEY_BYTES);
}

/**
 * Bytes of an item as DynamoDB counts them, a little high for numbers.
 * Throws BadItemError where a value is not JSON, a number is out of range or nesting is over 32 levels.
 */
export function itemSize(item: Record<string, unknown>): number {
  return attributesSize(item, '', 0);
}

/** Refuses an item that DynamoDB would refuse, or silently change, and says why. Throws ItemTooLargeError, BadItemError. */
export function checkItem(item: Item): number {
  checkKey(item);
  if (item.gsi1pk !== undefined) checkKeyPart(item.gsi1pk, 'gsi1pk', MAX_PARTITION_KEY_BYTES);
  if (item.gsi1sk !== undefined) checkKeyPart(item.gsi1sk, 'gsi1sk', MAX_SORT_KEY_BYTES);
  const size = itemSize(item);
  if (size > MAX_ITEM_BYTES) {
    throw new ItemTooLargeError(
      `item ${item.sk.slice(0, 80)} has ${size} bytes, over DynamoDB's ${MAX_ITEM_BYTES}`,
      {
        details: { bytes: size, limit: MAX_ITEM_BYTES },
      },
    );
  }
  return size;
}

/** The key that a write operation touches. */
export function keyOf(operation: WriteOperation): Key {
  const key = 'put' in operation ? operation.put : 'update' in operation ? operation.update : undefined;
  if (key) return key;
  return 'remove' in operation ? operation.remove : (operation as { check: Key }).check;
}

/** Refuses a transaction that DynamoDB would refuse: over 100 operations or 4 MB, or one key twice. */
export function checkTransaction(operations: readonly WriteOperation[]): void {
  if (operations.length > MAX_TRANSACTION_OPERATIONS) {
    throw new TooLargeError(
      `${operations.length} operations in one transaction, over ${MAX_TRANSACTION_OPERATIONS}`,
    );
  }
  const seen = new Set<string>();
  let size = 0;
  for (const operation of operations) {
    const { pk, sk } = keyOf(operation);
    checkKey({ pk, sk });
    const id = JSON.stringify([pk, sk]);
    if (seen.has(id)) throw new BadItemError(`a transaction names ${sk} twice`);
    seen.add(id);
    if ('put' in operation) size += checkItem(operation.put);
    if ('update' in operation) size += itemSize({ ...operation.change.set, ...operation.change.setIfAbsent });
  }
  if (size > MAX_TRANSACTION_BYTES) {
    throw new TooLargeError(`a transaction of ${size} bytes, over DynamoDB's ${MAX_TRANSACTION_BYTES}`);
  }
}

/** An item's or attribute map's deep copy without undefined values, as DynamoDB would give it back. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
