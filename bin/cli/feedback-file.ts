import { InvalidInputError } from '../../lib/errors/index.ts';
import { textRecords } from '../../lib/table/csv/text-records.ts';

/** Labels of one call, as the route takes them. */
export interface FeedbackItem {
  requestId: string;
  row?: number;
  label: string | number | boolean;
}

const REMEDY =
  'Write JSON: [{"requestId": "...", "row": 0, "label": "yes"}], or a line of such JSON each, or CSV with the columns requestId, row (optional) and label.';

/**
 * The labels in a file: a JSON list, JSON lines, or CSV, whose labels become numbers where `numeric` says that the target is one.
 *
 * @throws InvalidInputError naming the line
 */
export function feedbackItems(text: string, numeric: boolean): FeedbackItem[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return checked(parse(trimmed, 'the file') as unknown[]);
  if (trimmed.startsWith('{'))
    return checked(
      trimmed.split(/\r?\n/).flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, `line ${i + 1}`)])),
    );
  return csvItems(trimmed, numeric);
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError(`${where} is not JSON`, { cause, remedy: REMEDY });
  }
}

function checked(values: readonly unknown[]): FeedbackItem[] {
  return values.map((value, i) => {
    const { requestId, label } = (value ?? {}) as Partial<FeedbackItem>;
    if (typeof requestId !== 'string' || label === undefined || label === null) {
      throw new InvalidInputError(`entry ${i + 1} has no requestId or no label`, { remedy: REMEDY });
    }
    return value as FeedbackItem;
  });
}

/** Not what JavaScript alone reads as a number: nothing at all as 0, `0x1f`, `Infinity`. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

/** A line a label: `requestId,row,label`; `row` may be left out. */
function csvItems(text: string, numeric: boolean): FeedbackItem[] {
  const { records, brokenAt } = textRecords(text);
  if (brokenAt !== undefined) {
    throw new InvalidInputError(`a quoted field does not end, near character ${brokenAt}`, {
      remedy: REMEDY,
    });
  }
  const [head = [], ...lines] = records;
  const [id, row, label] = ['requestId', 'row', 'label'].map((name) => head.indexOf(name)) as [
    number,
    number,
    number,
  ];
  if (id === -1 || label === -1) {
    throw new InvalidInputError(`the columns are ${head.join(', ')}: requestId or label is not among them`, {
      remedy: REMEDY,
    });
  }
  return lines.map((cells, i) => {
    const [requestId = '', given = '', place = ''] = [cells[id], cells[label], cells[row]];
    const isLabel = numeric ? NUMBER.test(given.trim()) : given !== '';
    if (requestId === '' || !isLabel || !/^\d*$/.test(place.trim())) {
      throw new InvalidInputError(`line ${i + 2} is no requestId, row and label`, { remedy: REMEDY });
    }
    // An empty cell is a row that is left out: the request had one.
    const at = place.trim() === '' ? {} : { row: Number(place) };
    return { requestId, ...at, label: numeric ? Number(given) : given };
  });
}
