import * as z from 'zod';
import { IntegrityError } from '../../errors/index.ts';
import {
  type FittedPreprocessing,
  fittedPreprocessingSchema,
  type RowSchema,
  rowSchemaSchema,
  type TrainingProfile,
} from '../../table/index.ts';
import { DEEPEST_JSON } from './canonical-json.ts';
import { MOST_SECTIONS } from './container.ts';
import { parseManifestJson } from './manifest-json.ts';
import { sectionSchema } from './sections.ts';

const MOST_NAMES = 1_000_000;
const name = z.string().max(10_000);
const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** JSON objects are kept as they are: a schema that copied them would lose a key named `__proto__`. */
const record = z.custom<Record<string, unknown>>(isRecord, 'must be an object');
/** As the other room's schema says, and unchanged. */
const checkedBy = (schema: z.ZodType) =>
  record.superRefine((value, context) => {
    for (const { path, message } of schema.safeParse(value).error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });

/** What this release writes. It reads all from 1 on. */
export const MANIFEST_VERSION = 2;

const manifestSchema = z.strictObject({
  format: z.literal('arboleda-model'),
  version: z.int().min(1).max(MANIFEST_VERSION),
  name,
  algorithm: z.string().min(1).max(100),
  task: z.enum(['classification', 'regression']),
  target: name,
  features: z.array(name).min(1).max(MOST_NAMES),
  /** From version 2 on: the names of native categories, null for a numeric feature; one entry a feature. */
  categories: z.array(z.union([z.null(), z.array(name).max(MOST_NAMES)])).optional(),
  classes: z.array(name).max(MOST_NAMES),
  params: record,
  seed: z.number(),
  facts: record,
  preprocessing: checkedBy(fittedPreprocessingSchema),
  rowSchema: checkedBy(rowSchemaSchema),
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
  profile?: TrainingProfile;
}

/**
 * A manifest from its text, checked in shape and consistency.
 *
 * @throws IntegrityError saying what is wrong where
 */
export function parseManifest(text: string): ModelManifest {
  const value = parseManifestJson(text, 'model file');
  requireShallow(value);
  requireKnownVersion(value);
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
  requireCategories(parsed.data);
  for (const [what, names] of Object.entries({ classes, features, sections: sections.map((s) => s.name) })) {
    if (new Set(names).size !== names.length)
      throw new IntegrityError(`the manifest names two ${what} alike`);
  }
  const manifest = parsed.data as unknown as ModelManifest;
  requireOneStory(manifest);
  return manifest;
}

/** A later version may mean anything: it is named rather than guessed at. */
function requireKnownVersion(value: unknown): void {
  const { version } = Object(value) as { version?: unknown };
  if (!(typeof version === 'number' && version > MANIFEST_VERSION)) return;
  throw new IntegrityError(
    `the manifest of the model file is of version ${version}, and this release reads 1 to ${MANIFEST_VERSION}`,
    { remedy: 'Read it with the release that wrote it, or train again.' },
  );
}

function requireCategories({ version, categories, features }: z.output<typeof manifestSchema>): void {
  if (categories === undefined) return;
  const distinct = categories.every((names) => names === null || new Set(names).size === names.length);
  if (version > 1 && distinct && categories.length === features.length) return;
  throw new IntegrityError('the categories in the manifest of the model file do not fit its features');
}

/** Features and target are named twice in a manifest: both must say the same. */
function requireOneStory({ target, features, preprocessing, rowSchema }: ModelManifest): void {
  const prepared = new Set(preprocessing.output.map((column) => column.name));
  const declared = new Set(preprocessing.schema.columns.map((column) => column.name));
  const stray = features.find((feature) => !prepared.has(feature));
  const unknown = preprocessing.input.find((column) => !declared.has(column));
  if (stray !== undefined || unknown !== undefined || preprocessing.target !== target) {
    throw new IntegrityError('the preprocessing in the model file is that of another model');
  }
  if (!rowSchema.columns.some((column) => column.name === target)) {
    throw new IntegrityError('the row schema in the model file lacks the target');
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
