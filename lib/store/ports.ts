import type { Readable } from 'node:stream';

/** Every AWS service as the rest of the code sees it. Implementations: store/*.ts (AWS), test/support/memory (tests). */

export interface ObjectInfo {
  key: string;
  size: number;
  etag: string;
  lastModified: Date;
  metadata: Record<string, string>;
}

export interface PutOptions {
  contentType: string;
  contentEncoding?: string;
  metadata?: Record<string, string>;
}

/** S3. Keys are made by the server, never by a caller. */
export interface ObjectStore {
  /** Throws NotFoundError. */
  get(key: string): Promise<Uint8Array>;
  /** Throws NotFoundError. The stream must be read to its end or destroyed. */
  stream(key: string): Promise<Readable>;
  /** Bytes `start` to `end` (exclusive, at most to the object's end). Throws NotFoundError. */
  range(key: string, start: number, end: number): Promise<Uint8Array>;
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Overwrites. For run-scoped keys that a retry may write again. */
  put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void>;
  /**
   * Overwrites with bytes that come in pieces of any size, of which some MB are held at a time. Nothing new stands under the key
   * before the last of them; where the pieces throw, nothing ever does.
   */
  putPieces(
    key: string,
    pieces: AsyncIterable<Uint8Array>,
    options: Pick<PutOptions, 'contentType'>,
  ): Promise<void>;
  /** If-None-Match: `*`. For content-addressed keys: 'exists' is a success, the bytes are the same by name. */
  putIfAbsent(key: string, body: Uint8Array | string, options: PutOptions): Promise<'created' | 'exists'>;
  list(
    prefix: string,
    page?: { limit?: number; cursor?: string },
  ): Promise<{ objects: ObjectInfo[]; cursor?: string }>;
  /**
   * What stands directly under a prefix that ends in `/` (or is empty): its objects, and the prefixes of its folders (with
   * their `/`). A page holds at most `limit` of both together, 1,000 where none is given.
   */
  folder(
    prefix: string,
    page?: { limit?: number; cursor?: string },
  ): Promise<{ folders: string[]; objects: ObjectInfo[]; cursor?: string }>;
  remove(key: string): Promise<void>;
  /** Any number of keys; one that is not there is no error. */
  removeAll(keys: readonly string[]): Promise<void>;
  /** A URL that downloads the object without credentials for `seconds`. */
  presignGet(
    key: string,
    options: { seconds: number; fileName?: string; contentType?: string },
  ): Promise<string>;
  /** A URL that accepts one PUT of the object for `seconds`. */
  presignPut(key: string, options: { seconds: number; contentType: string }): Promise<string>;
}

/** A part of an upload as S3 acknowledged it. */
export interface UploadedPart {
  /** 1 to 10,000. */
  number: number;
  /** With or without the quotes of the header. */
  etag: string;
}

/** S3's uploads in parts: the server opens and completes one, the parts go to S3 by URL. Same bucket as the ObjectStore. */
export interface MultipartUploads {
  /** Opens an upload and gives its id. Nothing stands under the key before it is completed. */
  create(key: string, options: Pick<PutOptions, 'contentType'>): Promise<string>;
  /** A URL that accepts one PUT of the part for `seconds`; its answer's ETag belongs to `complete`. */
  presignPart(key: string, uploadId: string, part: number, options: { seconds: number }): Promise<string>;
  /**
   * Makes the object of its parts, in the order of their numbers. A repeat after a lost answer succeeds.
   * Throws NotFoundError (no such upload of this key), InvalidInputError (parts that were not put so, or too small).
   */
  complete(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  /** Forgets the upload and its parts. No-op where there is none. */
  abort(key: string, uploadId: string): Promise<void>;
}

/** A DynamoDB item without its keys' meaning: `pk`, `sk`, optional index keys, and attributes (JSON; no undefined). */
export interface Item {
  pk: string;
  sk: string;
  gsi1pk?: string;
  gsi1sk?: string;
  /** Epoch seconds after which DynamoDB may delete it; readers must filter (emulators never expire). */
  ttl?: number;
  [attribute: string]: unknown;
}

export interface Key {
  pk: string;
  sk: string;
}

/** What must hold of the stored item for a write to happen; else ConditionFailedError (transact: with the index). */
export type Condition =
  | { absent: true }
  | { exists: true }
  /** Every named attribute equals the value; `null` means the attribute is absent. Implies the item exists unless all are null. */
  | { equals: Record<string, string | number | boolean | null> }
  /** The attribute is one of the values. Implies the item exists. */
  | { oneOf: { attribute: string; values: readonly (string | number)[] } }
  /** Absent, or all of `equals`. */
  | { absentOr: Record<string, string | number | boolean | null> };

export interface Update {
  set?: Record<string, unknown>;
  /** Set only where the attribute is absent. */
  setIfAbsent?: Record<string, unknown>;
  /** Atomic counters; absent counts as 0. */
  add?: Record<string, number>;
  remove?: readonly string[];
}

export type WriteOperation =
  | { put: Item; condition?: Condition }
  | { update: Key; change: Update; condition?: Condition }
  | { remove: Key; condition?: Condition }
  | { check: Key; condition: Condition };

export interface QueryRequest {
  pk: string;
  /** The index: `gsi1` reads gsi1pk and gsi1sk in place of pk and sk. */
  index?: 'gsi1';
  skPrefix?: string;
  skBetween?: readonly [string, string];
  /** Newest (greatest sort key) first. */
  descending?: boolean;
  limit?: number;
  /** Opaque, from the page before. InvalidInputError where it is not one of ours. */
  cursor?: string;
  consistent?: boolean;
}

export interface Page<T> {
  items: T[];
  cursor?: string;
}

/** DynamoDB, one table. Expired items (ttl in the past) are never returned. */
export interface ItemStore {
  get(key: Key, options?: { consistent?: boolean }): Promise<Item | undefined>;
  /** Any number of keys; the found items in the order of the keys. */
  batchGet(keys: readonly Key[], options?: { consistent?: boolean }): Promise<Item[]>;
  put(item: Item, condition?: Condition): Promise<void>;
  /** Returns the whole item after the update. */
  update(key: Key, change: Update, condition?: Condition): Promise<Item>;
  remove(key: Key, condition?: Condition): Promise<void>;
  query(request: QueryRequest): Promise<Page<Item>>;
  /** All or nothing, at most 100 operations. `token` makes a repeat within 10 minutes a no-op. */
  transact(operations: readonly WriteOperation[], token?: string): Promise<void>;
  /** Unconditional puts, any number, retried until all are written. */
  batchPut(items: readonly Item[]): Promise<void>;
}

/** Step Functions. */
export interface Executions {
  /**
   * One execution a name, however often it is started with the same input: 'exists' where it was started before, as far as Step
   * Functions tells (AWS answers like the first time while it runs). ConflictError with another input.
   */
  start(name: string, input: unknown): Promise<'started' | 'exists'>;
  /** No-op where it has ended or never was. */
  stop(name: string, reason: string): Promise<void>;
  describe(name: string): Promise<{ status: ExecutionStatus; startedAt: Date; endedAt?: Date } | undefined>;
}
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** EventBridge: one event of source `arboleda`. */
export interface EventBus {
  publish(detailType: string, detail: Record<string, unknown>): Promise<void>;
}

/** Secrets Manager: one secret. */
export interface SecretReader {
  /** The present value; undefined where it is empty or absent. */
  read(): Promise<string | undefined>;
}

/** Time and randomness, so that tests own them. */
export interface Clock {
  now(): Date;
}
