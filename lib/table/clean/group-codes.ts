import { requireColumn } from '../table.ts';
import type { CategoryColumn, Column, Table } from '../types.ts';
import type { FittedOf } from './fitted.ts';
import { replaceColumns, selectColumns } from './select.ts';
import type { CodeGroup, StepOf } from './steps.ts';

/** A group as the step keeps it: every member stated. */
type Group = FittedOf<'group'>['groups'][number];

export function fitGroupCodes(table: Table, step: StepOf<'group-codes'>, target: string): FittedOf<'group'> {
  const columns = selectColumns(table, step.columns, {
    name: 'groupCodes',
    kinds: ['category', 'text'],
    target,
  });
  return {
    step: 'group',
    columns: columns.map(({ name }) => name),
    groups: step.groups.map(whole),
    other: step.other,
  };
}

const whole = ({ name, ranges = [], prefixes = [] }: CodeGroup): Group => ({ name, ranges, prefixes });

/** Replaces each code by its group's name. What is missing stays missing. */
export function applyGroupCodes(table: Table, { columns, groups, other }: FittedOf<'group'>): Table {
  const names = [...new Set([...groups.map(({ name }) => name), other])];
  const places = new Map(names.map((name, place) => [name, place]));
  const replacements = new Map<string, Column[]>();
  for (const name of columns) {
    const { codes, categories } = requireColumn(table, name) as CategoryColumn;
    const placeOf = categories.map((code) => places.get(groupOf(code, groups, other)) as number);
    const grouped = codes.map((code) => (code === -1 ? -1 : (placeOf[code] as number)));
    replacements.set(name, [{ name, kind: 'category', codes: grouped, categories: names }]);
  }
  return replaceColumns(table, replacements);
}

const NUMBER = /^(\d+)(?:\.\d*)?$/;

/** The name of the first group that holds the code: by its whole number, or by how it begins; `other` where none does. */
export function groupOf(code: string, groups: readonly Group[], other: string): string {
  const digits = NUMBER.exec(code.trim())?.[1];
  const number = digits === undefined ? undefined : Number(digits);
  const holds = ({ ranges, prefixes }: Group): boolean =>
    (number !== undefined && ranges.some(([from, to]) => number >= from && number <= to)) ||
    prefixes.some((prefix) => code.startsWith(prefix));
  return groups.find(holds)?.name ?? other;
}
