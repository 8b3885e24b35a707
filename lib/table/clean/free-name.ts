import type { DatePart } from './steps.ts';

/** The name, or the first of `name_2`, `name_3` and so on that is free. */
export function freeName(name: string, isFree: (name: string) => boolean): string {
  let found = name;
  for (let count = 2; !isFree(found); count++) found = `${name}_${count}`;
  return found;
}

/**
 * What the names of a date's parts begin with, one a column: the column's own name (`when_year`), or a numbered one
 * (`when_2_year`) where that would be the name of another column.
 *
 * @param taken names of the columns that there are, and of the target
 * @example
 * datePartStems(['when'], ['year', 'month'], ['when', 'when_month']); // ['when_2']: when_2_year, when_2_month
 */
export function datePartStems(
  columns: readonly string[],
  parts: readonly DatePart[],
  taken: Iterable<string>,
): string[] {
  const names = new Set(taken);
  return columns.map((column) => {
    const stem = freeName(column, (name) => parts.every((part) => !names.has(`${name}_${part}`)));
    for (const part of parts) names.add(`${stem}_${part}`);
    return stem;
  });
}
