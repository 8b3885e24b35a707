import type { AliasAudit } from '../../../lib/tracking/types.ts';

/** One change of a model, as a sentence without its subject: who did it stands beside it. */
export function auditText(entry: AliasAudit): string {
  const sentence = [headOf(entry), stagesOf(entry), splitOf(entry)].filter((text) => text !== '').join('; ');
  const data = entry.data === undefined ? '' : `, with the data of ${entry.data.pipeline}`;
  return (sentence === '' ? 'changed the model' : sentence) + data;
}

function headOf(entry: AliasAudit): string {
  const { kind, alias, fromVersion, toVersion, deleted, renamedFrom, requireStaging, model } = entry;
  if (kind === 'policy') {
    return requireStaging
      ? 'only a version in Staging may be promoted from now on'
      : 'any version may be promoted from now on';
  }
  if (kind === 'rename') return `renamed the model from ${renamedFrom ?? '?'} to ${model}`;
  if (kind === 'delete' && deleted !== undefined) {
    const held = deleted.aliases.length === 0 ? '' : `, which held ${deleted.aliases.join(', ')}`;
    return `deleted version ${deleted.version}${held}`;
  }
  if (alias === undefined) return '';
  if (toVersion === undefined) return `took ${alias} away from version ${fromVersion ?? '?'}`;
  if (kind === 'rollback') return `rolled ${alias} back from version ${fromVersion ?? '?'} to ${toVersion}`;
  return fromVersion === undefined
    ? `gave ${alias} to version ${toVersion}`
    : `moved ${alias} from version ${fromVersion} to ${toVersion}`;
}

/** Stages that follow an alias say nothing new; a transition by itself does. */
function stagesOf({ kind, stages = [] }: AliasAudit): string {
  if (kind !== 'stage' && kind !== undefined) return '';
  return stages.map(({ version, from, to }) => `version ${version} went from ${from} to ${to}`).join(', ');
}

function splitOf({ kind, split }: AliasAudit): string {
  if (split === undefined) return '';
  const arms = split.arms.map(({ version, weight }) => `version ${version} ${weight} %`).join(', ');
  const shadows = split.shadows.length === 0 ? '' : `, in the shadow ${split.shadows.join(', ')}`;
  // A promotion ends the split that stood beside the champion: what it was is told by its own entry.
  if (kind !== 'split') return 'the traffic split ended with it';
  if (split.action === 'set') return `split the traffic: ${arms}${shadows}`;
  return split.action === 'stop'
    ? `stopped the split of ${arms}${shadows}`
    : `sent the traffic back from ${arms}`;
}
