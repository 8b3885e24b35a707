import type { Condition, QueryRequest, Update } from './ports.ts';

/** Names and values of one request by placeholder, so that no attribute name or value becomes part of an expression. */
export class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values: unknown[] = [];

  name(attribute: string): string {
    const known = this.#names.get(attribute);
    if (known) return known;
    const placeholder = `#n${this.#names.size}`;
    this.#names.set(attribute, placeholder);
    return placeholder;
  }

  value(value: unknown): string {
    this.#values.push(value);
    return `:v${this.#values.length - 1}`;
  }

  /** The request's own fields; those that are empty are left out, as DynamoDB wants it. */
  fields(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, unknown>;
  } {
    const names = Object.fromEntries(
      [...this.#names].map(([attribute, placeholder]) => [placeholder, attribute]),
    );
    const values = Object.fromEntries(this.#values.map((value, i) => [`:v${i}`, value]));
    return {
      ...(this.#names.size > 0 && { ExpressionAttributeNames: names }),
      ...(this.#values.length > 0 && { ExpressionAttributeValues: values }),
    };
  }
}

function equalities(wanted: Record<string, string | number | boolean | null>, p: Placeholders): string {
  const all = Object.entries(wanted).map(([attribute, value]) =>
    value === null
      ? `attribute_not_exists(${p.name(attribute)})`
      : `${p.name(attribute)} = ${p.value(value)}`,
  );
  return all.length === 0 ? `attribute_exists(${p.name('pk')})` : all.join(' AND ');
}

/** A port's condition as a ConditionExpression. */
export function conditionExpression(condition: Condition, p: Placeholders): string {
  if ('absent' in condition) return `attribute_not_exists(${p.name('pk')})`;
  if ('exists' in condition) return `attribute_exists(${p.name('pk')})`;
  if ('equals' in condition) return equalities(condition.equals, p);
  if ('absentOr' in condition) {
    return `attribute_not_exists(${p.name('pk')}) OR (${equalities(condition.absentOr, p)})`;
  }
  const { attribute, values } = condition.oneOf;
  return `${p.name(attribute)} IN (${values.map((value) => p.value(value)).join(', ')})`;
}

/** A port's update as an UpdateExpression; empty where it changes nothing. */
export function updateExpression(change: Update, p: Placeholders): string {
  const given = (attributes: Record<string, unknown> = {}) =>
    Object.entries(attributes).filter(([, value]) => value !== undefined);
  const sets = [
    ...given(change.set).map(([attribute, value]) => `${p.name(attribute)} = ${p.value(value)}`),
    ...given(change.setIfAbsent).map(([attribute, value]) => {
      const name = p.name(attribute);
      return `${name} = if_not_exists(${name}, ${p.value(value)})`;
    }),
  ];
  const adds = given(change.add).map(([attribute, value]) => `${p.name(attribute)} ${p.value(value)}`);
  const removes = (change.remove ?? []).map((attribute) => p.name(attribute));
  return [
    sets.length > 0 ? `SET ${sets.join(', ')}` : '',
    adds.length > 0 ? `ADD ${adds.join(', ')}` : '',
    removes.length > 0 ? `REMOVE ${removes.join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** A query's KeyConditionExpression. */
export function keyExpression(request: QueryRequest, p: Placeholders): string {
  const pk = `${p.name(request.index ? 'gsi1pk' : 'pk')} = ${p.value(request.pk)}`;
  const sk = p.name.bind(p, request.index ? 'gsi1sk' : 'sk');
  if (request.skBetween) {
    const [from, to] = request.skBetween;
    return `${pk} AND ${sk()} BETWEEN ${p.value(from)} AND ${p.value(to)}`;
  }
  return request.skPrefix === undefined ? pk : `${pk} AND begins_with(${sk()}, ${p.value(request.skPrefix)})`;
}
