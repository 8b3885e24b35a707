import type { Field } from '../../form/fields.ts';
import { figure, percent } from '../../lib/format.ts';

/** What the training rows held of a column, in a line; empty where nobody knows. */
export function hintOf({ kind, training }: Field): string {
  if (training === undefined) return '';
  const { range, missing, categories, distinct } = training;
  const held = [
    range === undefined || kind === 'boolean'
      ? ''
      : `${shownAs(kind, range.minimum)} to ${shownAs(kind, range.maximum)}, half below ${shownAs(kind, range.median)}`,
    kind === 'text' && categories !== undefined ? `${figure(distinct)} different texts` : '',
    missing > 0 ? `${percent(missing)} missing` : '',
  ].filter((text) => text !== '');
  return held.length === 0 ? '' : `Training: ${held.join('; ')}`;
}

const shownAs = (kind: Field['kind'], value: number): string =>
  kind === 'date' ? new Date(value).toISOString().slice(0, 10) : figure(value);

/** What is odd about a value that the API would take: training saw nothing like it. Undefined where nothing is. */
export function oddness(field: Field, text: string): string | undefined {
  const range = field.training?.range;
  const shown = text.trim();
  if (shown === '' || range === undefined || (field.kind !== 'number' && field.kind !== 'integer'))
    return undefined;
  const value = Number(shown);
  if (value < range.minimum) return 'Below all that training saw';
  if (value > range.maximum) return 'Above all that training saw';
  return undefined;
}

/** How often training saw each choice, by choice; empty where nobody knows. */
export const sharesOf = ({ training }: Field): Map<string, number> =>
  new Map(training?.categories?.map(({ value, share }) => [value, share]));
