import type { Node } from './comparisons.ts';
import { piecesOf } from './comparisons.ts';
import { refuse } from './errors.ts';
import { type Token, tokenize } from './tokens.ts';

const isQuoted = (text: string, quote: string): boolean =>
  text.length >= 2 && text.startsWith(quote) && text.endsWith(quote);

export const trimBackticks = (text: string): string => (isQuoted(text, '`') ? text.slice(1, -1) : text);

export const stripQuotes = (text: string): string =>
  isQuoted(text, "'") || isQuoted(text, '"') ? text.slice(1, -1) : text;

/** The text in quotes. @throws InvalidSearchError where there are none. */
export function quotedText(text: string): string {
  if (isQuoted(text, "'") || isQuoted(text, '"')) return text.slice(1, -1);
  refuse(
    `Parameter value is either not quoted or unidentified quote types used for string value ${text}. Use either single or double quotes.`,
  );
}

export const isNumber = (node: Node): boolean => node.kind === 'integer' || node.kind === 'float';
export const isText = (node: Node): boolean => node.kind === 'string' || node.kind === 'identifier';

/**
 * The texts of `('a', "b")`, as Python reads a tuple: two texts side by side are one, a comma may end the list.
 *
 * @throws InvalidSearchError where it is empty, ill-formed or holds something else.
 */
export function listOf(node: Node): string[] {
  const tokens = tokenize(node.text.slice(1, -1)).filter((token) => token.kind !== 'space');
  const ill =
    'While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.';
  if (tokens.length === 0) {
    refuse(
      'While parsing a list in the query, expected a non-empty list of string values, but got empty list',
    );
  }
  const values: string[] = [];
  let open = true;
  for (const token of tokens) {
    if (token.text === ',') {
      if (open) refuse(ill);
      open = true;
    } else if (token.kind === 'string' || token.kind === 'symbol') {
      const text = stripQuotes(token.text).replace(/\\(['"\\])/g, '$1');
      if (open) values.push(text);
      else values[values.length - 1] += text;
      open = false;
    } else {
      refuse(
        `While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: ${tupleOf(tokens)}`,
      );
    }
  }
  return values;
}

/** The list as Python prints it. */
function tupleOf(tokens: readonly Token[]): string {
  const shown = tokens.filter((token) => token.text !== ',').map((token) => token.text);
  return shown.length === 1 ? `(${shown[0]},)` : `(${shown.join(', ')})`;
}

/** The comparisons of a filter; `invalid` says what is wrong with a piece that is none. */
export function comparisonsOf(text: string, invalid: (pieces: Node[]) => never): Node[] {
  const pieces = piecesOf(text);
  const others = pieces.filter((piece) => piece.kind !== 'compared' && !isAnd(piece));
  if (others.length > 0) invalid(others);
  return pieces.filter((piece) => piece.kind === 'compared');
}

const isAnd = (piece: Node): boolean => piece.kind === 'keyword' && piece.text.toUpperCase() === 'AND';
