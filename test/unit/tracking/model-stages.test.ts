import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { type ModelStage, parseModelReference, parseStage } from '../../../lib/tracking/index.ts';
import { MAX_IN_STAGE } from '../../../lib/tracking/model-stage.ts';
import { newVersion, type World, WS, withVersions, world } from './helpers.ts';

const by = { actor: 'me', reason: 'r' };

let w: World;
beforeEach(async () => {
  w = world();
  await withVersions(w, 4);
});

const to = (version: string, stage: ModelStage, more: object = {}) =>
  w.registry.transitionStage(WS, { model: 'm', version, stage, ...by, ...more });
const promote = async (version: string) => {
  const { aliases } = await w.registry.getModel(WS, 'm');
  const expectedVersion = aliases.production ?? null;
  return w.registry.moveAlias(WS, { model: 'm', alias: 'production', version, expectedVersion, ...by });
};
const back = () => w.registry.rollback(WS, { model: 'm', alias: 'production', ...by });
const policy = (requireStaging: boolean) => w.registry.setPolicy(WS, { model: 'm', requireStaging, ...by });
/** Stages of versions 1 to 4, and who holds production. */
const state = async () => {
  const versions = (await w.registry.listVersions(WS, 'm')).items.toReversed();
  const { aliases } = await w.registry.getModel(WS, 'm');
  return `${versions.map(({ stage }) => stage[0]).join('')} ${aliases.production ?? '-'}`;
};
const resolved = async (text: string) =>
  (await w.registry.resolveReference(WS, parseModelReference(text))).version;

describe('an alias', () => {
  it('may have any name, also one that every object of JavaScript knows', async () => {
    const { aliases } = await w.registry.getModel(WS, 'm');
    expect(aliases.constructor).toBeUndefined();
    const move = { model: 'm', alias: 'constructor', version: '2', ...by };
    const moved = await w.registry.moveAlias(WS, {
      ...move,
      expectedVersion: (aliases.constructor as never) ?? null,
    });
    expect(moved.aliases).toEqual({ constructor: '2' });
    expect((await w.registry.exportVersion(WS, 'm', '1')).registry.before.toString).toBeUndefined();
  });
});

describe('a transition of a stage', () => {
  it('moves a version, tells from where, and is audited', async () => {
    const done = await to('2', 'Staging');
    expect(done).toMatchObject({ previousStage: 'None', archived: [], version: { stage: 'Staging' } });
    expect(await state()).toBe('NSNN -');
    expect((await w.registry.audit(WS, 'm')).items).toMatchObject([
      { kind: 'stage', stages: [{ version: '2', from: 'None', to: 'Staging' }], ...by },
    ]);
  });

  it('to Production moves the alias in the same transaction', async () => {
    const before = w.items.writes;
    const done = await to('2', 'Production');
    expect(w.items.writes - before).toBe(1);
    expect(done.model.aliases).toEqual({ production: '2' });
    expect(await state()).toBe('NPNN 2');
    expect((await w.registry.audit(WS, 'm')).items).toMatchObject([
      { kind: 'stage', alias: 'production', toVersion: '2', stages: [{ version: '2', to: 'Production' }] },
    ]);
  });

  it('leaves the others in their stage, as MLflow does, or archives them with it', async () => {
    await to('1', 'Production');
    await to('2', 'Production');
    expect(await state()).toBe('PPNN 2');
    const before = w.items.writes;
    const done = await to('3', 'Production', { archiveExisting: true });
    expect(w.items.writes - before).toBe(1);
    expect(done.archived).toEqual(['1', '2']);
    expect(await state()).toBe('AAPN 3');
    await to('1', 'Staging');
    await to('2', 'Staging', { archiveExisting: true });
    expect(await state()).toBe('ASPN 3');
  });

  it('writes nothing where all is so already', async () => {
    await to('1', 'Production');
    const writes = w.items.writes;
    expect(await to('1', 'Production', { archiveExisting: true, expectedStage: 'Staging' })).toMatchObject({
      previousStage: 'Production',
      archived: [],
    });
    await to('2', 'None');
    expect(w.items.writes).toBe(writes);
  });

  it('undoes to another version where one lost the alias and got it again', async () => {
    await promote('1');
    await promote('2');
    await to('2', 'None');
    await promote('2');
    await back();
    expect((await w.registry.getModel(WS, 'm')).aliases.production).toBe('1');
    expect((await w.registry.getVersion(WS, 'm', '2')).stage).toBe('Archived');
  });

  it('has nothing to undo where the same version had it before, took it away and has it again', async () => {
    await promote('2');
    await to('2', 'None');
    await promote('2');
    await expect(back()).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
    expect((await w.registry.getVersion(WS, 'm', '2')).stage).toBe('Production');
  });

  it('out of Production takes the alias away; a rollback brings both back', async () => {
    await to('1', 'Production');
    await to('1', 'Archived');
    expect(await state()).toBe('ANNN -');
    expect((await w.registry.audit(WS, 'm')).items[0]).toMatchObject({
      fromVersion: '1',
      alias: 'production',
    });
    expect((await w.registry.audit(WS, 'm')).items[0]).not.toHaveProperty('toVersion');
    expect((await back()).aliases).toEqual({ production: '1' });
    expect(await state()).toBe('PNNN 1');
  });

  it('from another stage than expected is refused', async () => {
    await to('1', 'Staging');
    const dump = w.items.dump();
    const wrong = to('1', 'Production', { expectedStage: 'None' });
    await expect(wrong).rejects.toMatchObject({ code: 'STAGE_MOVED', status: 409 });
    expect(w.items.dump()).toEqual(dump);
    await to('1', 'Production', { expectedStage: 'Staging' });
    expect(await state()).toBe('PNNN 1');
  });

  it('refuses what is not there, and to archive the versions of a stage that has no limit', async () => {
    await expect(to('9', 'Staging')).rejects.toThrow(NotFoundError);
    const wrong = to('1', 'Archived', { archiveExisting: true });
    await expect(wrong).rejects.toMatchObject({ field: 'archiveExisting', status: 400 });
  });

  it('refuses more in a stage than one transaction can archive, and archives that many', async () => {
    for (let i = 5; i <= MAX_IN_STAGE + 1; i += 1) {
      await w.registry.createVersion(WS, 'm', newVersion(`v${i}`));
    }
    for (let i = 1; i <= MAX_IN_STAGE; i += 1) await to(String(i), 'Staging');
    const last = String(MAX_IN_STAGE + 1);
    await expect(to(last, 'Staging')).rejects.toMatchObject({ code: 'STAGE_FULL', status: 409 });
    const done = await to(last, 'Staging', { archiveExisting: true });
    expect(done.archived).toHaveLength(MAX_IN_STAGE);
    expect(await resolved('m/Staging')).toBe(last);
  });

  it('has one holder of production whoever races', async () => {
    await Promise.all(
      ['1', '2', '3', '4'].map((version) => to(version, 'Production', { archiveExisting: true })),
    );
    const { aliases } = await w.registry.getModel(WS, 'm');
    const versions = (await w.registry.listVersions(WS, 'm')).items;
    const inProduction = versions.filter(({ stage }) => stage === 'Production');
    expect(inProduction.map(({ version }) => version)).toEqual([aliases.production]);
    expect((await w.registry.audit(WS, 'm')).items).toHaveLength(4);
  });
});

describe('the stage and the alias production', () => {
  it('stay in step when the alias is moved and rolled back', async () => {
    await promote('1');
    expect(await state()).toBe('PNNN 1');
    await promote('2');
    expect(await state()).toBe('APNN 2');
    await back();
    expect(await state()).toBe('PANN 1');
  });

  it('leaves stages alone when another alias moves', async () => {
    await w.registry.moveAlias(WS, {
      model: 'm',
      alias: 'shadow',
      version: '3',
      expectedVersion: null,
      ...by,
    });
    expect(await state()).toBe('NNNN -');
  });

  it('gives a holder from before stages were kept its stage with the next move', async () => {
    await promote('1');
    await w.items.update({ pk: 'default#model#m', sk: '1#version#000000001' }, { set: { stage: 'None' } });
    await w.items.update({ pk: 'default#models', sk: 'm' }, { remove: ['stage:Production'] });
    await to('2', 'Production', { archiveExisting: true });
    expect(await state()).toBe('APNN 2');
  });
});

describe('the policy that demands Staging', () => {
  it('is off, is set with an audit, and set again writes nothing', async () => {
    expect((await w.registry.getModel(WS, 'm')).policy).toEqual({ requireStaging: false });
    expect((await policy(true)).policy).toEqual({ requireStaging: true });
    const writes = w.items.writes;
    await policy(true);
    expect(w.items.writes).toBe(writes);
    expect((await policy(false)).policy).toEqual({ requireStaging: false });
    expect((await w.registry.audit(WS, 'm')).items).toMatchObject([
      { kind: 'policy', requireStaging: false },
      { kind: 'policy', requireStaging: true },
    ]);
  });

  it('refuses every way to production but a rollback', async () => {
    await promote('1');
    await promote('2');
    await policy(true);
    const dump = w.items.dump();
    const refused = { code: 'STAGING_REQUIRED', status: 409 };
    await expect(promote('3')).rejects.toMatchObject(refused);
    await expect(to('3', 'Production')).rejects.toMatchObject(refused);
    await expect(promote('3')).rejects.toThrow('version 3 is in None');
    expect(w.items.dump()).toEqual(dump);
    await back();
    expect(await state()).toBe('PANN 1');
    await expect(promote('2')).rejects.toThrow('version 2 is in Archived');
    await to('3', 'Staging');
    await promote('3');
    expect(await state()).toBe('AAPN 3');
    await to('4', 'Staging');
    await to('4', 'Production', { archiveExisting: true });
    expect(await state()).toBe('AAAP 4');
  });

  it('leaves other aliases free', async () => {
    await policy(true);
    await w.registry.moveAlias(WS, {
      model: 'm',
      alias: 'shadow',
      version: '3',
      expectedVersion: null,
      ...by,
    });
    expect(await resolved('m@shadow')).toBe('3');
  });
});

describe('resolveReference', () => {
  it('finds by number, alias, stage and newest', async () => {
    await to('2', 'Staging');
    await to('3', 'Staging');
    await to('1', 'Archived');
    await promote('2');
    expect(await resolved('models:/m/Staging')).toBe('3');
    expect(await resolved('models:/m/Production')).toBe('2');
    expect(await resolved('models:/m/archived')).toBe('1');
    expect(await resolved('models:/m/None')).toBe('4');
    expect(await resolved('models:/m/latest')).toBe('4');
    expect(await resolved('models:/m@production')).toBe('2');
    expect(await resolved('m/3')).toBe('3');
    expect(await resolved('m')).toBe('2');
  });

  it('takes the holder of production for Production, the newest of that stage where nobody holds it', async () => {
    await to('3', 'Production');
    await to('1', 'Production');
    expect(await resolved('models:/m/Production')).toBe('1');
    await to('1', 'None');
    expect(await resolved('models:/m/Production')).toBe('3');
    await expect(resolved('m')).rejects.toThrow(NotFoundError);
  });

  it('says which stage is empty, and which model has no version', async () => {
    await expect(resolved('models:/m/Staging')).rejects.toThrow('model m has no version in stage Staging');
    await expect(resolved('models:/m/Archived')).rejects.toThrow(NotFoundError);
    await w.registry.createModel(WS, { name: 'empty' });
    await expect(resolved('models:/empty/latest')).rejects.toThrow('no version yet');
  });
});

describe('parseStage', () => {
  it('takes MLflow’s words in any case, and names the field of another', () => {
    expect(['staging', 'PRODUCTION', 'None', 'development'].map((word) => parseStage(word))).toEqual([
      'Staging',
      'Production',
      'None',
      'None',
    ]);
    expect(() => parseStage('Live', 'x')).toThrow(InvalidInputError);
    expect(() => parseStage('constructor')).toThrow('"constructor" is no stage');
  });
});
