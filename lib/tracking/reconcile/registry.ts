import { collect } from '../../store/paging.ts';
import type { Item, ItemStore } from '../../store/ports.ts';
import { fromText, toText } from '../json.ts';
import { key, partition, prefix } from '../keys.ts';
import { ACTIVE_STAGES, type ActiveStage, isActive, type ModelStage } from '../model-stage.ts';
import { happened, optimistic } from '../optimistic.ts';
import { Registry } from '../registry.ts';
import {
  aliasAttribute,
  auditItem,
  homeOf,
  lastNumber,
  sameModel,
  stackAttribute,
  stageAttribute,
  versionItem,
} from '../registry-items.ts';
import { Runs } from '../runs.ts';
import type { RunSnapshot } from '../snapshot.ts';
import { SPLIT_ATTRIBUTE, splitText } from '../splits/item.ts';
import { firstMissing, type Mending } from './mending.ts';

/** Who moves what a short snapshot brings back. */
const ACTOR = 'reconcile';

type FullRegistry = NonNullable<RunSnapshot['registry']>;
type Registered = RunSnapshot & { version: NonNullable<RunSnapshot['version']> };

/** Versions and aliases that snapshots know and DynamoDB does not. Comes after the runs are mended. */
export async function mendRegistryFromS3(mending: Mending, snapshots: readonly RunSnapshot[]): Promise<void> {
  const told = snapshots.filter((snapshot): snapshot is Registered => snapshot.version !== undefined);
  const registered = await underPresentNames(mending, told);
  const byNumber = registered.toSorted((a, b) => Number(a.version.version) - Number(b.version.version));
  for (const snapshot of byNumber) await mendVersion(mending, snapshot);
  for (const name of new Set(registered.map(({ version }) => version.name))) {
    const ofModel = registered.filter(({ version }) => version.name === name);
    await mendAliases(mending, name, ofModel.toSorted(byMoves).at(-1)!);
  }
}

/** The time that a snapshot tells of. */
const toldAt = ({ writtenAt, run }: RunSnapshot): string => writtenAt ?? run.endTime ?? run.startTime;

/** The snapshots with the names that their models have since they were written; without those whose model was deleted. */
async function underPresentNames(
  { ws, stores }: Mending,
  snapshots: readonly Registered[],
): Promise<Registered[]> {
  const request = { pk: partition.formerNames(ws), consistent: true };
  const notes = new Map((await collect(stores.items, request)).map((note) => [note.name as string, note]));
  return snapshots.flatMap((snapshot) => {
    let name = snapshot.version.name;
    let time = toldAt(snapshot);
    // Each note is later than the one before: a name that was given back does not lead around.
    for (let note = notes.get(name); note && (note.at as string) > time; note = notes.get(name)) {
      if (note.renamedTo === undefined) return [];
      name = note.renamedTo as string;
      time = note.at as string;
    }
    return [{ ...snapshot, version: { ...snapshot.version, name } }];
  });
}

/** Moves count up, so they order snapshots better than clocks do; a short snapshot has only its time. */
function byMoves(a: Registered, b: Registered): number {
  const moves = a.registry && b.registry ? a.registry.moves - b.registry.moves : 0;
  return moves || toldAt(a).localeCompare(toldAt(b));
}

/** Where a snapshot does not say it, a version's identity is its run: one run makes one version. */
const identityOf = (snapshot: Registered): string => snapshot.identity ?? snapshot.run.runId;

const modelOf = ({ ws, stores }: Mending, name: string): Promise<Item | undefined> =>
  stores.items.get(key.model(ws, name), { consistent: true });

async function mendVersion(mending: Mending, snapshot: Registered): Promise<void> {
  const { ws, stores } = mending;
  const { items, clock } = stores;
  const { name, version: number } = snapshot.version;
  const subject = `model ${name} version ${number}`;
  const identity = identityOf(snapshot);
  const model = await modelOf(mending, name);
  const home = model && homeOf(model);
  // Of a version that was deleted the identity is still there.
  if (home && (await items.get(key.identity(ws, home, identity), { consistent: true }))) return;
  const taken = home && (await items.get(key.version(ws, home, number), { consistent: true }));
  if (!taken) {
    const problem = 'S3 has its snapshot, DynamoDB does not know it';
    const finding = {
      kind: 'version-missing' as const,
      subject,
      problem,
      action: 'register it again under its number',
    };
    await mending.found(finding, () => restoreVersion(mending, snapshot, identity));
    return;
  }
  const problem = `its number has gone to run ${taken.runId} since it was lost`;
  const finding = {
    kind: 'version-renumbered' as const,
    subject,
    problem,
    action: 'register it under the next number',
  };
  await mending.found(finding, async () => {
    const made = await new Registry(items, clock).createVersion(ws, name, { ...snapshot.version, identity });
    await new Runs(items, clock).setTags(ws, snapshot.run.runId, { 'model.version': made.version });
  });
}

async function restoreVersion(
  { ws, stores }: Mending,
  { version, registry }: Registered,
  identity: string,
): Promise<void> {
  const { items, clock } = stores;
  const { name, version: number } = version;
  const { description, tags } = registry?.model ?? {};
  await new Registry(items, clock).createModel(ws, { name, description, tags });
  await optimistic(async () => {
    const model = (await items.get(key.model(ws, name), { consistent: true }))!;
    const home = homeOf(model);
    const latestVersion = model.latestVersion as number;
    const numbered = Math.max(lastNumber(model), Number(number));
    await items.transact([
      { put: { ...key.identity(ws, home, identity), version: number }, condition: { absent: true } },
      { put: versionItem(home, version, identity), condition: { absent: true } },
      {
        update: key.model(ws, name),
        change: {
          set: {
            latestVersion: Math.max(latestVersion, Number(number)),
            ...(model.numbered !== undefined && { numbered }),
          },
        },
        condition: {
          equals: {
            latestVersion,
            numbered: (model.numbered as number | undefined) ?? null,
            ...sameModel(model),
          },
        },
      },
    ]);
  }, `model ${name}`);
}

async function mendAliases(mending: Mending, name: string, latest: Registered): Promise<void> {
  const model = await modelOf(mending, name);
  const held = (model?.moves as number | undefined) ?? 0;
  const known = await knownVersions(mending, model);
  const aliases = Object.entries(latest.aliases).filter(([, version]) => known.has(version));
  const different = aliases.filter(([alias, version]) => model?.[aliasAttribute(alias)] !== version);
  const { registry } = latest;
  const behind = registry
    ? registry.moves > held
    : different.length > 0 && !(await movedSince(mending, name, toldAt(latest)));
  if (!behind) return;
  const shown = aliases.map(([alias, version]) => `${alias} = ${version}`).join(', ') || 'none';
  const finding = {
    kind: 'alias-behind' as const,
    subject: `aliases of model ${name}`,
    problem: `DynamoDB, at move ${held}, lacks moves that the snapshot of run ${latest.run.runId} tells of`,
    action: `set them as S3 has them: ${shown}`,
  };
  await mending.found(finding, () =>
    registry
      ? restoreAliases(mending, name, held, aliases, registry)
      : moveAliases(mending, name, different, latest),
  );
}

/**
 * Whether DynamoDB knows a move after that time. If not, and its aliases differ from what a snapshot saw then, it lost moves.
 * What an earlier pass of ours moved says nothing of this.
 */
async function movedSince({ ws, stores }: Mending, name: string, time: string): Promise<boolean> {
  const { items } = await new Registry(stores.items, stores.clock).audit(ws, name, { limit: 100 });
  return items.some(({ at, actor }) => actor !== ACTOR && at >= time);
}

/** The versions that are registered; without `fix`, also those that would be by now. */
async function knownVersions({ ws, stores, fix }: Mending, model: Item | undefined) {
  if (!fix) return { has: () => true };
  if (!model) return new Set<string>();
  const request = { pk: partition.model(ws, homeOf(model)), skPrefix: prefix.versions, consistent: true };
  return new Set((await collect(stores.items, request)).map((item) => item.version as string));
}

/** From a full snapshot: aliases, what they held before, and the audit, just as they were. */
async function restoreAliases(
  mending: Mending,
  name: string,
  held: number,
  aliases: [string, string][],
  registry: FullRegistry,
): Promise<void> {
  const { ws, stores } = mending;
  const { items } = stores;
  const { moves, before, audit } = registry;
  const model = await modelOf(mending, name);
  if (model === undefined) return;
  const home = homeOf(model);
  // The audit goes first: the model's count of moves is what says that all is done.
  for (const [i, entry] of audit.entries()) {
    await happened(items.put(auditItem(ws, home, moves - i, entry), { absent: true }));
  }
  const stages = await restoreStages(items, ws, home, registry);
  const set = {
    ...Object.fromEntries(aliases.map(([alias, version]) => [aliasAttribute(alias), version])),
    ...Object.fromEntries(
      Object.entries(before).map(([alias, stack]) => [stackAttribute(alias), toText(stack)]),
    ),
    ...stages.set,
    ...(registry.requireStaging && { requireStaging: true }),
    ...(await restoredSplit(items, ws, home, registry.split)),
    // A number is never given twice, though its version was deleted.
    ...(registry.numbered !== undefined && { numbered: Math.max(registry.numbered, lastNumber(model)) }),
    ...(registry.model?.lastUpdated !== undefined && { lastUpdated: registry.model.lastUpdated }),
  };
  const remove = [
    ...stages.remove,
    ...(SPLIT_ATTRIBUTE in set ? [] : [SPLIT_ATTRIBUTE]),
    ...(registry.requireStaging ? [] : ['requireStaging']),
    // An alias that held something before and that the snapshot does not know any more was taken away since.
    ...Object.keys(before)
      .map(aliasAttribute)
      .filter((attribute) => !(attribute in set)),
  ];
  const change = { set: { ...set, moves }, ...(remove.length > 0 && { remove }) };
  await happened(items.update(key.model(ws, name), change, { equals: { moves: held } }));
}

/** The split as the snapshot has it, where its versions are all there: else the champion answers everything. */
async function restoredSplit(
  items: ItemStore,
  ws: string,
  home: string,
  split: FullRegistry['split'],
): Promise<Record<string, string>> {
  if (split === undefined) return {};
  const versions = [...split.arms.map(({ version }) => version), ...split.shadows];
  const keys = versions.map((version) => key.version(ws, home, version));
  const found = await items.batchGet(keys, { consistent: true });
  return found.length === keys.length ? { [SPLIT_ATTRIBUTE]: splitText(split) } : {};
}

/**
 * Each version's stage as the snapshot has it: in an active stage if it is listed there, else what the audit last made it; one
 * of an active stage of which neither tells is archived.
 */
async function restoreStages(
  items: ItemStore,
  ws: string,
  home: string,
  { stages, audit }: FullRegistry,
): Promise<{ set: Record<string, string>; remove: string[] }> {
  if (stages === undefined) return { set: {}, remove: [] };
  const audited = audit.toReversed().flatMap((entry) => entry.stages ?? []);
  const told = new Map(audited.map(({ version, to }) => [version, to]));
  const changedAt = new Map(
    audit.toReversed().flatMap(({ stages = [], at }) => stages.map(({ version }) => [version, at] as const)),
  );
  for (const stage of ACTIVE_STAGES) for (const version of stages[stage]) told.set(version, stage);
  const lists: Record<ActiveStage, string[]> = { Staging: [], Production: [] };
  const request = { pk: partition.model(ws, home), skPrefix: prefix.versions, consistent: true };
  for (const item of await collect(items, request)) {
    const version = item.version as string;
    const now = item.stage as ModelStage;
    const stage = told.get(version) ?? (isActive(now) ? 'Archived' : now);
    if (isActive(stage)) lists[stage].push(version);
    const at = changedAt.get(version);
    const later = at !== undefined && at > ((item.lastUpdated as string | undefined) ?? '');
    if (stage === now && !later) continue;
    const set = { stage, ...(later && { lastUpdated: at }) };
    await items.update(key.version(ws, home, version), { set }, { exists: true });
  }
  const filled = ACTIVE_STAGES.filter((stage) => lists[stage].length > 0);
  return {
    set: Object.fromEntries(filled.map((stage) => [stageAttribute(stage), toText(lists[stage])])),
    remove: ACTIVE_STAGES.filter((stage) => lists[stage].length === 0).map(stageAttribute),
  };
}

/** From a short snapshot: a move of each alias from what it holds, which a rollback can undo. */
async function moveAliases(
  { ws, stores }: Mending,
  model: string,
  aliases: [string, string][],
  { run }: RunSnapshot,
): Promise<void> {
  const registry = new Registry(stores.items, stores.clock);
  const reason = `restored from the snapshot of run ${run.runId}`;
  for (const [alias, version] of aliases) {
    const expectedVersion = (await registry.getModel(ws, model)).aliases[alias] ?? null;
    await registry.moveAlias(ws, { model, alias, version, expectedVersion, actor: ACTOR, reason });
  }
}

/** Versions whose model file is gone. */
export async function mendVersionsWithoutObject(mending: Mending): Promise<void> {
  const { ws, stores } = mending;
  const { items, objects } = stores;
  for (const model of await collect(items, { pk: partition.models(ws), consistent: true })) {
    const name = model.name as string;
    const request = { pk: partition.model(ws, homeOf(model)), skPrefix: prefix.versions, consistent: true };
    for (const item of await collect(items, request)) {
      // Files of other flavours are not ours to look after: the run that has them may be anywhere.
      if (item.modelKey === undefined) continue;
      if ((await firstMissing(objects, [item.modelKey as string])) === undefined) continue;
      const tags = fromText<Record<string, string>>(item.tags, 'model version');
      if (tags['arboleda.model_missing'] === 'true') continue;
      const subject = `model ${name} version ${item.version}`;
      const problem = `its file ${item.modelKey} is gone`;
      const action = 'tag it; promote another version, or run its pipeline with --force';
      const set = { tags: toText({ ...tags, 'arboleda.model_missing': 'true' }) };
      // Counted as an edit, so that one that read the tags before is done again.
      const change = { set, add: { updates: 1 } };
      const finding = { kind: 'version-without-object' as const, subject, problem, action };
      await mending.found(finding, () =>
        items.update(item, change, { equals: { tags: item.tags as string } }),
      );
    }
  }
}
