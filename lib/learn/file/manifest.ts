import { z } from 'zod';
import { IntegrityError } from '../../errors/index.ts';
import type { FittedPreprocessing, RowSchema, TableProfile } from '../../table/index.ts';
import { DEEPEST_JSON } from './canonical-json.ts';
import { MOST_SECTIONS } from './container.ts';

/** The array types that a section may have, and the bytes of one entry. */
export const sectionTypes = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const;
export type SectionType = keyof typeof sectionTypes;

const MOST_NAMES = 1_000_000;
const name = z.string().max(10_000);
const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** JSON that another room reads: kept as it is, so that a key named `__proto__` survives. */
const record = z.custom<Record<string, unknown>>(isRecord, 'must be an object');

const sectionSchema = z.strictObject({
  name: z.string().min(1).max(100),
  type: z.enum(Object.keys(sectionTypes) as [SectionType, ...SectionType[]]),
  length: z
    .int()
    .min(0)
    .max(2 ** 32),
  offset: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Loose: what else a column spec says is the table room's, which checks it where it is used. */
const columnSchema = z.looseObject({
  name,
  kind: z.enum(['number', 'integer', 'boolean', 'category', 'text', 'date']),
  categories: z.array(name).max(MOST_NAMES).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  nullable: z.boolean(),
  description: z.string().optional(),
});

const manifestSchema = z.strictObject({
  format: z.literal('arboleda-model'),
  version: z.literal(1),
  name,
  algorithm: z.string().min(1).max(100),
  task: z.enum(['classification', 'regression']),
  target: name,
  features: z.array(name).min(1).max(MOST_NAMES),
  classes: z.array(name).max(MOST_NAMES),
  params: record,
  seed: z.number(),
  facts: record,
  preprocessing: record,
  rowSchema: z.strictObject({ columns: z.array(columnSchema).max(MOST_NAMES) }),
  profile: record.optional(),
  sections: z.array(sectionSchema).max(MOST_SECTIONS),
});

/** What a model file says of itself, beside its arrays. */
export interface ModelManifest
  extends Omit<z.output<typeof manifestSchema>, 'preprocessing' | 'rowSchema' | 'profile'> {
  /** The steps that turn a raw row into the model's features, as fitted on the training rows. */
  preprocessing: FittedPreprocessing;
  /** The raw row that a caller sends. */
  rowSchema: RowSchema;
  /** What the training data looked like, for drift. */
  profile?: TableProfile;
}

/**
 * A manifest from its text, checked in shape and consistency.
 *
 * @throws IntegrityError saying what is wrong where
 */
export function parseManifest(text: string): ModelManifest {
  const value = parseJson(text);
  requireShallow(value);
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new IntegrityError(
      `the manifest of the model file is wrong at "${issue!.path.join('.')}": ${issue!.message}`,
    );
  }
  const { task, classes, features, sections } = parsed.data;
  if ((task === 'classification') !== classes.length > 0) {
    throw new IntegrityError(`the manifest of the model file has ${classes.length} classes for a ${task}`);
  }
  for (const [what, names] of Object.entries({ classes, features, sections: sections.map((s) => s.name) })) {
    if (new Set(names).size !== names.length)
      throw new IntegrityError(`the manifest names two ${what} alike`);
  }
  return parsed.data as unknown as ModelManifest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IntegrityError('the manifest of the model file is not JSON', { cause });
  }
}

/** Deep nesting would exhaust the stack of whoever walks the manifest next. Iterative itself. */
function requireShallow(root: unknown): void {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST_JSON + 1)
      throw new IntegrityError('the manifest of the model file is nested too deep');
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
}
