import { InvalidInputError } from '../../lib/errors/index.ts';
import { delimiterOfText } from '../../lib/table/csv/delimiter-of-text.ts';
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
  if (trimmed === '') throw new InvalidInputError('the file is empty', { remedy: REMEDY });
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

/** A line a label: `requestId,row,label`; `row` may be left out, and columns may be parted as in any other CSV here. */
function csvItems(text: string, numeric: boolean): FeedbackItem[] {
  const { records, brokenAt } = textRecords(text, delimiterOfText(text));
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
    const missing = id === -1 ? 'requestId' : 'label';
    throw new InvalidInputError(`the columns are ${head.join(', ')}: ${missing} is not among them`, {
      remedy: REMEDY,
    });
  }
  if (lines.length === 0)
    throw new InvalidInputError('the file has no labels below its header', { remedy: REMEDY });
  return lines.map((cells, i) => {
    const [requestId = '', given = '', place = ''] = [cells[id], cells[label], cells[row]];
    const wrong = wrongIn({ requestId, given, place: place.trim() }, numeric);
    if (wrong !== undefined) throw new InvalidInputError(`line ${i + 2}: ${wrong}`, { remedy: REMEDY });
    // An empty cell is a row that is left out: the request had one.
    const at = place.trim() === '' ? {} : { row: Number(place) };
    return { requestId, ...at, label: numeric ? Number(given) : given };
  });
}

/** What is wrong with a line; undefined where nothing is. */
function wrongIn(
  { requestId, given, place }: { requestId: string; given: string; place: string },
  numeric: boolean,
): string | undefined {
  if (requestId === '') return 'requestId is empty';
  if (!/^\d*$/.test(place)) return 'row is no whole number from 0';
  if (given === '') return 'label is empty';
  return numeric && !NUMBER.test(given.trim())
    ? `label ${JSON.stringify(given)} is no number, and the model predicts one`
    : undefined;
}
