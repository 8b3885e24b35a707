import { InvalidInputError } from '../../errors/index.ts';
import type { Item } from '../../store/ports.ts';
import { checkVersion } from '../names.ts';
import { ownModel } from '../own-model.ts';
import type { RegistryRecords } from '../registry-records.ts';
import { checkPolicy } from '../registry-stages.ts';
import type { ModelVersion } from '../types.ts';
import type { StoredSplit } from './item.ts';
import type { NewSplit } from './types.ts';

const refuse = (message: string, field: string): never => {
  throw new InvalidInputError(message, { field });
};

/**
 * Whether a split makes sense by itself, and beside this champion.
 *
 * @throws InvalidInputError naming the field
 */
export function checkNewSplit({ kind, arms, shadows = [], guard }: NewSplit, champion: string): void {
  const versions = arms.map(({ version }) => checkVersion(version));
  const [twice] = versions.filter((version, i) => versions.indexOf(version) !== i);
  if (twice !== undefined) refuse(`version ${twice} is there twice`, 'arms');
  const odd = arms.find(({ weight }) => !Number.isInteger(weight) || weight < 0);
  if (odd !== undefined) {
    refuse(
      `the weight of version ${odd.version} is ${odd.weight}, not a whole percent from 0 to 100`,
      'arms',
    );
  }
  const sum = arms.reduce((total, { weight }) => total + weight, 0);
  if (sum !== 100) refuse(`the weights sum to ${sum}, not to 100`, 'arms');
  for (const [i, version] of shadows.entries()) {
    checkVersion(version);
    if (shadows.indexOf(version) !== i) refuse(`version ${version} is there twice`, 'shadows');
    if (versions.includes(version)) refuse(`version ${version} answers, and is no shadow then`, 'shadows');
  }
  const challengers = versions.filter((version) => version !== champion);
  if (challengers.length === 0 && shadows.length === 0) {
    refuse(`version ${champion} is the champion, and there is no other version`, 'arms');
  }
  if (kind !== 'blue-green') return;
  if (challengers.length !== 1 || arms.length > 2) {
    refuse(`blue-green is one version beside the champion, which is version ${champion}`, 'arms');
  }
  if (guard === undefined) refuse('blue-green has a guard, which says when to go back', 'guard');
}

/** Whether two splits divide the traffic alike: the arms in one order, the shadows in any. */
export function sameSplit(a: NewSplit, b: NewSplit): boolean {
  const text = ({ kind, arms, shadows = [], guard: g }: NewSplit) =>
    JSON.stringify([
      kind,
      arms.map(({ version, weight }) => [version, weight]),
      shadows.toSorted(),
      g && [g.maxErrorRate, g.maxLatencyMs, g.minRequests, g.windowMinutes],
    ]);
  return text(a) === text(b);
}

/**
 * The versions of a split as they are registered. One that answers callers obeys the model's policy as one that is promoted.
 *
 * @throws NotFoundError, ForeignModelError, StagingRequiredError
 */
export async function checkVersions(
  records: RegistryRecords,
  ws: string,
  held: Item,
  { arms, shadows = [] }: NewSplit,
  champion: string,
): Promise<void> {
  const numbers = [...arms.map(({ version }) => version), ...shadows];
  const versions = await Promise.all(numbers.map((version) => records.getVersionOf(ws, held, version)));
  for (const [i, version] of versions.entries()) {
    ownModel(version);
    if (i < arms.length && version.version !== champion) checkPolicy(held, version);
  }
}

/** The versions that a running split names, by number. @throws ConditionFailedError where the item was read too early */
export async function versionsOf(
  records: RegistryRecords,
  ws: string,
  held: Item,
  { arms, shadows }: StoredSplit,
): Promise<Map<string, ModelVersion>> {
  const numbers = [...arms.map(({ version }) => version), ...shadows];
  const versions = await Promise.all(numbers.map((version) => records.present(ws, held, version)));
  return new Map(versions.map((version) => [version.version, version]));
}
