import { InvalidInputError } from '../../errors/index.ts';
import { judgeBounds, parseDate } from '../../table/cells.ts';
import type { ColumnSpec, RowSchema } from '../../table/types.ts';
import { LARGEST_LABEL, type Label } from '../../tracking/monitoring/index.ts';

/** What a model file says of its target. */
export interface Target {
  task: 'classification' | 'regression';
  target: string;
  rowSchema: RowSchema;
}

const LONGEST = 1_000;

/**
 * A label as the target's column could hold it. A class that training did not see is a label all the same: one that the model
 * cannot have predicted.
 *
 * @throws InvalidInputError naming `field`
 */
export function checkLabel({ task, target, rowSchema }: Target, label: Label, field: string): Label {
  const spec = rowSchema.columns.find(({ name }) => name === target);
  const wrong = (what: string) =>
    new InvalidInputError(`${field} must be ${what}, as ${target} is`, { field });
  if (spec === undefined) return label;
  if (isNumber(spec)) {
    if (typeof label !== 'number' || Math.abs(label) > LARGEST_LABEL) throw wrong('a number');
    if (spec.kind === 'integer' && !Number.isSafeInteger(label)) throw wrong('an integer');
    const problem = judgeBounds(spec, label);
    if (problem !== undefined) throw new InvalidInputError(`${field} ${problem}`, { field });
    return label;
  }
  if (spec.kind === 'boolean') {
    if (typeof label !== 'boolean' && label !== 'true' && label !== 'false') throw wrong('true or false');
    return String(label);
  }
  if (spec.kind === 'date' && task === 'regression') {
    const time = typeof label === 'string' ? parseDate(label.trim()) : label;
    if (typeof time !== 'number') throw wrong('a date in ISO 8601');
    return time;
  }
  if (typeof label === 'boolean') throw wrong(spec.numericCategories ? 'a number' : 'a string');
  const text = String(label);
  if (text === '' || text.length > LONGEST) throw wrong(`a string of 1 to ${LONGEST} characters`);
  if (spec.categories !== undefined && !spec.categories.includes(text)) {
    throw wrong(`one of ${spec.categories.slice(0, 20).join(', ')}`);
  }
  return text;
}

const isNumber = ({ kind }: ColumnSpec): boolean => kind === 'number' || kind === 'integer';
