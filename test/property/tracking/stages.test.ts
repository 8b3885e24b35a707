import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArboledaError } from '../../../lib/errors/index.ts';
import { MODEL_STAGES } from '../../../lib/tracking/index.ts';
import { newVersion, type World, WS, withVersions, world } from '../../unit/tracking/helpers.ts';

const by = { actor: 'x', reason: 'y' };
const NAMES = ['m', 'n', 'o'];
const version = fc.integer({ min: 1, max: 5 }).map(String);
const step = fc.oneof(
  fc.record({ do: fc.constant('promote' as const), version }),
  fc.record({ do: fc.constant('rollback' as const) }),
  fc.record({ do: fc.constant('delete' as const), version }),
  fc.record({ do: fc.constant('unalias' as const) }),
  fc.record({ do: fc.constant('rename' as const), newName: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constant('policy' as const), on: fc.boolean() }),
  fc.record({
    do: fc.constant('stage' as const),
    version,
    stage: fc.constantFrom(...MODEL_STAGES),
    archiveExisting: fc.boolean(),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The model's name at the moment. */
async function nameOf({ registry }: World): Promise<string> {
  const { items } = await registry.listModels(WS);
  expect(items).toHaveLength(1);
  return items[0]!.name;
}

async function act(w: World, each: Step): Promise<void> {
  const { registry } = w;
  const model = await nameOf(w);
  const expectedVersion = (await registry.getModel(WS, model)).aliases.production ?? null;
  if (each.do === 'promote') {
    await registry.moveAlias(WS, {
      model,
      alias: 'production',
      version: each.version,
      expectedVersion,
      ...by,
    });
  } else if (each.do === 'rollback') {
    await registry.rollback(WS, { model, alias: 'production', expectedVersion, ...by });
  } else if (each.do === 'delete') {
    await registry.deleteVersion(WS, { model, version: each.version, ...by });
  } else if (each.do === 'unalias') {
    await registry.deleteAlias(WS, { model, alias: 'production', ...by });
  } else if (each.do === 'rename') {
    await registry.renameModel(WS, { model, newName: each.newName, ...by });
  } else if (each.do === 'policy') {
    await registry.setPolicy(WS, { model, requireStaging: each.on, ...by });
  } else await registry.transitionStage(WS, { model, ...by, ...each });
}

const stagesOf = async ({ registry }: World, model: string) => {
  const { items } = await registry.listVersions(WS, model);
  return new Map(items.map((one) => [one.version, one.stage]));
};

/** What must hold at any time, whoever did what before. */
async function check(w: World): Promise<void> {
  const model = await nameOf(w);
  const stages = await stagesOf(w, model);
  const { aliases, latestVersion } = await w.registry.getModel(WS, model);
  expect(latestVersion).toBe(Math.max(0, ...[...stages.keys()].map(Number)));
  if (aliases.production) expect(stages.get(aliases.production)).toBe('Production');
  // A number is never given again, and a version there always is one to ask for the model's state.
  const next = await w.registry.createVersion(WS, model, newVersion('next'));
  expect(next.version).toBe('6');
  stages.set('6', 'None');
  const { registry } = await w.registry.exportVersion(WS, model, '6');
  for (const stack of Object.values(registry.before)) {
    expect(stack.filter((version) => !stages.has(version))).toEqual([]);
    if (aliases.production) expect(stack.at(-1)).not.toBe(aliases.production);
  }
  for (const stage of ['Staging', 'Production'] as const) {
    const inStage = [...stages].filter(([, of]) => of === stage).map(([version]) => version);
    expect(registry.stages[stage]).toEqual(inStage.sort());
  }
  // The audit alone tells every stage, every holder and the policy.
  const audit = (await w.registry.audit(WS, model, { limit: 1000 })).items.toReversed();
  expect(audit).toHaveLength(registry.moves);
  const told = new Map(['1', '2', '3', '4', '5', '6'].map((version) => [version, 'None']));
  let name = 'm';
  let holder: string | undefined;
  let requireStaging = false;
  for (const entry of audit) {
    for (const { version, from, to } of entry.stages ?? []) {
      expect(told.get(version)).toBe(from);
      told.set(version, to);
    }
    if (entry.deleted) {
      expect(told.get(entry.deleted.version)).toBe(entry.deleted.stage);
      told.delete(entry.deleted.version);
      const held = entry.deleted.version === holder;
      expect(entry.deleted.aliases).toEqual(held ? ['production'] : []);
      if (held) holder = undefined;
    }
    if (entry.renamedFrom !== undefined) {
      expect(entry.renamedFrom).toBe(name);
      name = entry.model;
    }
    if (entry.alias) {
      expect(entry.fromVersion).toBe(holder);
      holder = entry.toVersion;
    }
    const promoted = entry.kind !== 'rollback' && entry.toVersion !== undefined;
    if (promoted && requireStaging) {
      const change = entry.stages?.find(({ version }) => version === entry.toVersion);
      expect(change?.from).toBe('Staging');
    }
    requireStaging = entry.requireStaging ?? requireStaging;
  }
  expect(told).toEqual(stages);
  expect(holder).toBe(aliases.production);
  expect(name).toBe(model);
}

describe('stages, aliases and policy', () => {
  it('stay in step through any sequence of changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const w = world();
        await withVersions(w, 5);
        for (const each of steps) {
          const before = JSON.stringify(w.items.dump());
          try {
            await act(w, each);
          } catch (error) {
            if (!(error instanceof ArboledaError) || error.status >= 500) throw error;
            // Refused as a whole: nothing was written halfway.
            expect(JSON.stringify(w.items.dump())).toBe(before);
          }
        }
        await check(w);
      }),
      { numRuns: 150 },
    );
  });

  it('stay in step when the changes race', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        const w = world();
        await withVersions(w, 5);
        const results = await Promise.allSettled(steps.map((each) => act(w, each)));
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ transient: false });
        }
        await check(w);
      }),
      { numRuns: 40 },
    );
  });
});
