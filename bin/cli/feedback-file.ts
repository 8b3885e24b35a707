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
      trimmed
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '')
        .map((line, i) => parse(line, `line ${i + 1}`)),
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
    const given = cells[label] ?? '';
    const place = row === -1 ? undefined : Number(cells[row]);
    const value = numeric ? Number(given) : given;
    if (cells[id] === undefined || given === '' || Number.isNaN(value) || Number.isNaN(place ?? 0)) {
      throw new InvalidInputError(`line ${i + 2} is no requestId, row and label`, { remedy: REMEDY });
    }
    return { requestId: cells[id], ...(place !== undefined && { row: place }), label: value };
  });
}
