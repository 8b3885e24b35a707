import { createHash } from 'node:crypto';
import { IntegrityError, InvalidInputError } from '../../../../lib/errors/index.ts';
import type {
  ModelEngine,
  Prediction,
  PredictionWarning,
  ServableModel,
} from '../../../../lib/serving/index.ts';
import type { RowSchema } from '../../../../lib/table/types.ts';
import type { Registry } from '../../../../lib/tracking/index.ts';
import type { MemoryObjectStore } from '../../../support/memory.ts';

/** A model that says `base + area`; JSON, so that tests write one in a line. */
export interface FakeModel extends ServableModel {
  base: number;
  /** Set: a classifier that always says this, with probability 0.75. */
  says?: string;
}

export const housingSchema: RowSchema = {
  columns: [
    { name: 'area', kind: 'number', minimum: 0, maximum: 400, nullable: false },
    { name: 'zone', kind: 'category', categories: ['A', 'B'], nullable: true, description: 'Zoning' },
    { name: 'price', kind: 'number', nullable: false },
  ],
};

export const fakeEngine: ModelEngine<FakeModel> = {
  read(bytes, { sha256 }) {
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new IntegrityError('the model file is not what its hash says');
    }
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as FakeModel;
  },
  predict(model, rows) {
    const warnings: PredictionWarning[] = [];
    const predictions = rows.map((row, i): Prediction => {
      const { area, zone } = row as { area?: unknown; zone?: unknown };
      if (typeof area !== 'number') {
        throw new InvalidInputError(`rows[${i}].area must be a number`, { field: `rows[${i}].area` });
      }
      if (zone !== undefined && zone !== 'A' && zone !== 'B') {
        const message = `rows[${i}].zone: "${String(zone)}" was not seen in training`;
        warnings.push({ row: i, field: 'zone', code: 'unknown_category', message });
      }
      if (model.says === undefined) return { prediction: model.base + area };
      return { prediction: model.says, probabilities: { [model.says]: 0.75, other: 0.25 } };
    });
    return { predictions, warnings };
  },
  explain(model, rows) {
    return rows.map((row) => {
      const { area } = row as { area: number };
      return { space: 'value', output: model.base + area, base: model.base, contributions: { area } };
    });
  },
};

/** Registers a version of a fake model, with its file in the store; returns the version's number. */
export async function addVersion(
  world: { registry: Registry; objects: MemoryObjectStore },
  options: {
    workspace?: string;
    name?: string;
    base?: number;
    says?: string;
    schema?: RowSchema;
    target?: string;
  } = {},
): Promise<string> {
  const {
    workspace = 'default',
    name = 'housing',
    base = 0,
    says,
    schema = housingSchema,
    target = 'price',
  } = options;
  const model: FakeModel = {
    manifest: { target, rowSchema: schema },
    base,
    ...(says === undefined ? {} : { says }),
  };
  const bytes = Buffer.from(JSON.stringify(model));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const key = `${workspace}/models/${sha256}.arbm`;
  await world.objects.put(key, bytes, { contentType: 'application/octet-stream' });
  await world.registry.createModel(workspace, { name });
  const made = await world.registry.createVersion(workspace, name, {
    identity: `${name}/${sha256}`,
    runId: 'b'.repeat(32),
    modelKey: key,
    modelSha256: sha256,
    sizeBytes: bytes.length,
    algorithm: 'linear-regression',
    task: says === undefined ? 'regression' : 'classification',
  });
  return made.version;
}

/** Moves `production` to a version. */
export async function promote(
  world: { registry: Registry },
  version: string,
  options: { workspace?: string; name?: string } = {},
): Promise<void> {
  const { workspace = 'default', name = 'housing' } = options;
  const { aliases } = await world.registry.getModel(workspace, name);
  await world.registry.moveAlias(workspace, {
    model: name,
    alias: 'production',
    version,
    expectedVersion: aliases.production ?? null,
    actor: 'test',
    reason: 'test',
  });
}
