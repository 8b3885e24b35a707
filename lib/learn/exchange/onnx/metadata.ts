import * as z from 'zod';
import type { OnnxModel } from './schema.ts';

/** The keys under which an exported model says what its numbers mean; each value is JSON. */
export const metadataKeys = {
  features: 'features',
  categories: 'categories',
  classes: 'classes',
  target: 'target',
  algorithm: 'algorithm',
  notes: 'arboleda.notes',
  preprocessing: 'arboleda.preprocessing',
  rowSchema: 'arboleda.rowSchema',
} as const;

const names = z.array(z.string().max(10_000)).max(65_536);

/** What a file says of its features, where it says it in that way and in sound JSON. */
export interface FeatureMetadata {
  features?: string[];
  /** One entry a feature: the names that its codes count through. */
  categories?: (string[] | undefined)[];
  target?: string;
  /** What the model that was exported had to say. */
  notes?: string[];
  /** JSON of an exported model's preparation of rows; to be checked by whoever uses it. */
  preprocessing?: unknown;
  rowSchema?: unknown;
}

/** Reads the metadata of a file; what is not as it should be counts as not there. */
export function readMetadata(model: OnnxModel, featureCount: number): FeatureMetadata {
  const entries = new Map(model.metadata.map(({ key, value }) => [key, value]));
  const read = <T>(key: keyof typeof metadataKeys, schema: z.ZodType<T>): T | undefined => {
    const text = entries.get(metadataKeys[key]);
    try {
      return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  };
  const distinct = (list: readonly string[] | undefined) =>
    list?.length === featureCount && new Set(list).size === featureCount ? [...list] : undefined;
  const features = distinct(read('features', names));
  const found = read('categories', z.array(names.nullable()));
  return {
    ...(features === undefined ? {} : { features }),
    ...(found?.length === featureCount ? { categories: found.map((list) => list ?? undefined) } : {}),
    ...definedOnly({
      target: read('target', z.string()),
      notes: read('notes', z.array(z.string().max(10_000)).max(100)),
      preprocessing: read('preprocessing', z.unknown()),
      rowSchema: read('rowSchema', z.unknown()),
    }),
  };
}

const definedOnly = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
