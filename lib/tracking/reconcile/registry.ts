import { collect } from '../../store/paging.ts';
import type { Item } from '../../store/ports.ts';
import { fromText, toText } from '../json.ts';
import { key, partition, prefix } from '../keys.ts';
import { happened, optimistic } from '../optimistic.ts';
import { Registry } from '../registry.ts';
import { aliasAttribute, auditItem, stackAttribute, versionItem } from '../registry-items.ts';
import { Runs } from '../runs.ts';
import type { RunSnapshot } from '../snapshot.ts';
import type { ModelVersion } from '../types.ts';
import { firstMissing, type Mending } from './mending.ts';

type Registered = RunSnapshot & { version: NonNullable<RunSnapshot['version']> };

/** Versions and aliases that snapshots know and DynamoDB does not. Comes after the runs are mended. */
export async function mendRegistryFromS3(mending: Mending, snapshots: readonly RunSnapshot[]): Promise<void> {
  const registered = snapshots.filter((snapshot): snapshot is Registered => snapshot.version !== undefined);
  const byNumber = registered.toSorted((a, b) => Number(a.version.version) - Number(b.version.version));
  for (const snapshot of byNumber) await mendVersion(mending, snapshot);
  for (const name of new Set(registered.map(({ version }) => version.name))) {
    const ofModel = registered.filter(({ version }) => version.name === name);
    await mendAliases(mending, name, ofModel.toSorted(byMoves).at(-1)!);
  }
}

function byMoves(a: Registered, b: Registered): number {
  const moves = (a.registry?.moves ?? -1) - (b.registry?.moves ?? -1);
  const at = (snapshot: Registered) => snapshot.writtenAt ?? snapshot.run.endTime ?? snapshot.run.startTime;
  return moves || at(a).localeCompare(at(b));
}

/** Where a snapshot does not say it, a version's identity is its run: one run makes one version. */
const identityOf = (snapshot: Registered): string => snapshot.identity ?? snapshot.version.runId;

async function mendVersion(mending: Mending, snapshot: Registered): Promise<void> {
  const { ws, stores } = mending;
  const { items, clock } = stores;
  const { name, version: number } = snapshot.version;
  const subject = `model ${name} version ${number}`;
  const identity = identityOf(snapshot);
  if (await items.get(key.identity(ws, name, identity), { consistent: true })) return;
  const taken = await items.get(key.version(ws, name, number), { consistent: true });
  if (!taken) {
    const problem = 'S3 has its snapshot, DynamoDB does not know it';
    const finding = {
      kind: 'version-missing' as const,
      subject,
      problem,
      action: 'register it again under its number',
    };
    await mending.found(finding, () => restoreVersion(mending, snapshot.version, identity));
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
  version: ModelVersion,
  identity: string,
): Promise<void> {
  const { items, clock } = stores;
  const { name, version: number } = version;
  await new Registry(items, clock).createModel(ws, { name });
  await optimistic(async () => {
    const model = await items.get(key.model(ws, name), { consistent: true });
    const latestVersion = model?.latestVersion as number;
    await items.transact([
      { put: { ...key.identity(ws, name, identity), version: number }, condition: { absent: true } },
      { put: versionItem(version, identity), condition: { absent: true } },
      {
        update: key.model(ws, name),
        change: { set: { latestVersion: Math.max(latestVersion, Number(number)) } },
        condition: { equals: { latestVersion } },
      },
    ]);
  }, `model ${name}`);
}

async function mendAliases(mending: Mending, name: string, latest: Registered): Promise<void> {
  const { ws, stores } = mending;
  const model = await stores.items.get(key.model(ws, name), { consistent: true });
  const held = (model?.moves as number | undefined) ?? 0;
  const known = await knownVersions(mending, name, model);
  const aliases = Object.entries(latest.aliases).filter(([, version]) => known.has(version));
  // Without a count of moves, a snapshot can only fill in what is not there at all.
  const wanted = latest.registry
    ? aliases
    : aliases.filter(([alias]) => model?.[aliasAttribute(alias)] === undefined);
  const behind = latest.registry ? latest.registry.moves > held : held === 0 && wanted.length > 0;
  if (!behind) return;
  const shown = wanted.map(([alias, version]) => `${alias} = ${version}`).join(', ') || 'none';
  const finding = {
    kind: 'alias-behind' as const,
    subject: `aliases of model ${name}`,
    problem: `S3 has later moves (${latest.registry?.moves ?? wanted.length}) than DynamoDB (${held})`,
    action: `set them as S3 has them: ${shown}`,
  };
  await mending.found(finding, () => restoreAliases(mending, name, held, wanted, latest));
}

/** The versions that are registered; without `fix`, also those that would be by now. */
async function knownVersions({ ws, stores, fix }: Mending, name: string, model: Item | undefined) {
  if (!fix) return { has: () => true };
  if (!model) return new Set<string>();
  const request = { pk: partition.model(ws, name), skPrefix: prefix.versions, consistent: true };
  return new Set((await collect(stores.items, request)).map((item) => item.version as string));
}

async function restoreAliases(
  { ws, stores }: Mending,
  name: string,
  held: number,
  aliases: [string, string][],
  { registry, version }: Registered,
): Promise<void> {
  const { items, clock } = stores;
  const moves = registry?.moves ?? aliases.length;
  const at = clock.now().toISOString();
  const set = Object.fromEntries(
    aliases.flatMap(([alias, to]) => [
      [aliasAttribute(alias), to],
      [stackAttribute(alias), toText(registry?.before[alias] ?? [])],
    ]),
  );
  const told = registry?.audit.toReversed() ?? [];
  const restored = aliases.map(([alias, toVersion]) => ({
    model: name,
    alias,
    toVersion,
    actor: 'reconcile',
    reason: `restored from the snapshot of run ${version.runId}`,
    at,
  }));
  // The audit goes first: the model's count of moves is what says that all is done.
  const entries = registry
    ? told.map((entry, i) => ({ move: moves - told.length + 1 + i, entry }))
    : restored.map((entry, i) => ({ move: i + 1, entry }));
  for (const { move, entry } of entries) {
    await happened(items.put(auditItem(ws, move, entry), { absent: true }));
  }
  await happened(items.update(key.model(ws, name), { set: { ...set, moves } }, { equals: { moves: held } }));
}

/** Versions whose model file is gone. */
export async function mendVersionsWithoutObject(mending: Mending): Promise<void> {
  const { ws, stores } = mending;
  const { items, objects } = stores;
  for (const model of await collect(items, { pk: partition.models(ws), consistent: true })) {
    const name = model.name as string;
    const request = { pk: partition.model(ws, name), skPrefix: prefix.versions, consistent: true };
    for (const item of await collect(items, request)) {
      if ((await firstMissing(objects, [item.modelKey as string])) === undefined) continue;
      const tags = fromText<Record<string, string>>(item.tags, 'model version');
      if (tags['arboleda.model_missing'] === 'true') continue;
      const subject = `model ${name} version ${item.version}`;
      const problem = `its file ${item.modelKey} is gone`;
      const action = 'tag it; promote another version, or run its pipeline with --force';
      const change = { set: { tags: toText({ ...tags, 'arboleda.model_missing': 'true' }) } };
      const finding = { kind: 'version-without-object' as const, subject, problem, action };
      await mending.found(finding, () =>
        items.update(item, change, { equals: { tags: item.tags as string } }),
      );
    }
  }
}
