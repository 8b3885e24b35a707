import type { ColumnJsonSchema, RowJsonSchema } from '../api-types.ts';

/** What a caller of one row schema finds changed in the other, a sentence a change. */
export function schemaChanges(before: RowJsonSchema, after: RowJsonSchema): string[] {
  const names = new Set([...Object.keys(before.properties), ...Object.keys(after.properties)]);
  return [...names].flatMap((name) => {
    const [old, now] = [before.properties[name], after.properties[name]];
    const demanded = after.required.includes(name);
    if (old === undefined) return [`${name} is new${demanded ? ' and required' : ''}`];
    if (now === undefined) return [`${name} is not taken any more`];
    const changes = columnChanges(old, now);
    if (demanded !== before.required.includes(name)) changes.push(demanded ? 'now required' : 'now optional');
    return changes.map((change) => `${name}: ${change}`);
  });
}

function columnChanges(before: ColumnJsonSchema, after: ColumnJsonSchema): string[] {
  const changes: string[] = [];
  const types = [before, after].map(({ type }) => [type].flat().join(' or '));
  if (types[0] !== types[1]) changes.push(`${types[0]} became ${types[1]}`);
  for (const bound of ['minimum', 'maximum'] as const) {
    if (before[bound] !== after[bound]) {
      changes.push(`${bound} ${before[bound] ?? 'none'} became ${after[bound] ?? 'none'}`);
    }
  }
  const [old, now] = [new Set(before.enum), new Set(after.enum)];
  if (before.enum && !after.enum) changes.push('takes any value now');
  else if (after.enum && !before.enum) changes.push(`takes only ${after.enum.join(', ')} now`);
  else {
    const gone = [...old].filter((value) => !now.has(value));
    const more = [...now].filter((value) => !old.has(value));
    if (gone.length > 0) changes.push(`no longer takes ${gone.join(', ')}`);
    if (more.length > 0) changes.push(`takes also ${more.join(', ')}`);
  }
  return changes;
}
