import { BadDataError, BadDefinitionError } from '../errors/index.ts';

/** The file holds no row: nothing at all, a header alone, or only rows that were refused. */
export class EmptyDataError extends BadDataError {
  static override readonly code: string = 'EMPTY_DATA';
  static override readonly remedy: string = 'Deliver a CSV file with a header line and at least one row.';
}

/** A declared column stands nowhere in the header. */
export class MissingColumnError extends BadDataError {
  static override readonly code: string = 'MISSING_COLUMN';
  static override readonly remedy: string =
    'Correct the header, or the row of the pipeline definition; names are compared exactly.';
}

/** A name stands more than once in the header: which of the columns is meant cannot be known. */
export class DuplicateColumnError extends BadDataError {
  static override readonly code: string = 'DUPLICATE_COLUMN';
  static override readonly remedy: string =
    'Give each column its own name in the first line of the file, or remove those that repeat another.';
}

/** A header field that cannot name a column: blank, or `__proto__`, which JSON rows and zod objects cannot carry. */
export class ColumnNameError extends BadDataError {
  static override readonly code: string = 'BAD_COLUMN_NAME';
  static override readonly remedy: string = 'Rename the column in the file.';
}

/** The fields are parted by something else than a comma. */
export class WrongDelimiterError extends BadDataError {
  static override readonly code: string = 'WRONG_DELIMITER';
  static override readonly remedy: string = 'Save the file with commas between the fields.';
}

/** Quotes that never close, or a record of more than a few megabytes. */
export class MalformedCsvError extends BadDataError {
  static override readonly code: string = 'MALFORMED_CSV';
  static override readonly remedy: string =
    'Close the quote on the named line; a quote inside a quoted field is doubled.';
}

/** The bytes are no UTF-8 text: another encoding, or another format (Parquet, Excel, ZIP). */
export class NotCsvError extends BadDataError {
  static override readonly code: string = 'NOT_CSV';
  static override readonly remedy: string = 'Save the data as CSV in UTF-8, plain or gzipped.';
}

/** A gzip that ends before its own end, or declares more than it holds. */
export class TruncatedGzipError extends BadDataError {
  static override readonly code: string = 'TRUNCATED_GZIP';
  static override readonly remedy: string = 'Deliver the whole file again; `gzip -t FILE` checks it.';
}

/** A gzip whose bytes were changed. */
export class CorruptGzipError extends BadDataError {
  static override readonly code: string = 'CORRUPT_GZIP';
  static override readonly remedy: string = 'Deliver the file again; `gzip -t FILE` checks it.';
}

/** The text of the file is larger than a table in memory may be. */
export class DataTooLargeError extends BadDataError {
  static override readonly code: string = 'DATA_TOO_LARGE';
  static override readonly remedy: string = 'Deliver fewer rows or columns, or part the file.';
}

/** One row that was set aside. */
export interface BadRow {
  /** 1-based line of the file on which the row begins; the header is on line 1. */
  line: number;
  /** Names the column and what is wrong with it. */
  reason: string;
  /** The cells as text, by column name. */
  values: Record<string, string>;
}

/** More rows break the schema than the pipeline allows. `badRows` holds the first of them, for a quarantine object. */
export class TooManyBadRowsError extends BadDataError {
  static override readonly code: string = 'TOO_MANY_BAD_ROWS';
  static override readonly remedy: string =
    'Correct the rows, the row schema or the missing markers, or raise maxBadShare.';
  badRows: readonly BadRow[] = [];
}

/** A clean step, a split or a guard names a column that is not there, or is not of the kind it needs. */
export class UnknownColumnError extends BadDefinitionError {
  static override readonly code: string = 'UNKNOWN_COLUMN';
}

/** One-hot encoding would make more columns than a model can use. */
export class TooManyCategoriesError extends BadDefinitionError {
  static override readonly code: string = 'TOO_MANY_CATEGORIES';
  static override readonly remedy: string =
    "Drop the column, encode it with { method: 'ordinal' }, or raise maxColumns of encode.";
}

/** The target column is not there, or has rows without a value. */
export class TargetMissingError extends BadDataError {
  static override readonly code: string = 'TARGET_MISSING';
  static override readonly remedy: string = 'Deliver the target for every row, or set those rows aside.';
}

/** Every row is of one class: there is nothing to learn. */
export class SingleClassError extends BadDataError {
  static override readonly code: string = 'SINGLE_CLASS';
  static override readonly remedy: string = 'Deliver rows of at least two classes.';
}

/** The numeric target has one value: there is nothing to learn. */
export class ConstantTargetError extends BadDataError {
  static override readonly code: string = 'CONSTANT_TARGET';
  static override readonly remedy: string = 'Deliver rows in which the target varies.';
}

/** A feature alone tells the target: it is the target under another name, or known only afterwards. */
export class LeakageError extends BadDataError {
  static override readonly code: string = 'LEAKAGE';
  static override readonly remedy: string =
    'Drop the named columns with dropColumns([...]); if they are known before the target is, allow them with guards.allowLeakage.';
}

/** Too few rows, or groups of rows, for the parts of the split. */
export class TooFewRowsError extends BadDataError {
  static override readonly code: string = 'TOO_FEW_ROWS';
  static override readonly remedy: string = 'Deliver more rows, or give that part a share of 0.';
}

/** A category that training never saw, where the encoder was told to refuse it. */
export class UnknownCategoryError extends BadDataError {
  static override readonly code: string = 'UNKNOWN_CATEGORY';
  static override readonly remedy: string =
    "Use encode(..., { unknown: 'ignore' }), or deliver known categories.";
}
