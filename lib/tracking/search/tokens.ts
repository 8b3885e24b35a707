/**
 * The words of a filter. MLflow reads filters with the SQL lexer `sqlparse`; these rules give the same words for what a filter
 * may hold, and words of some kind for the rest, so that the error names the same piece of text.
 */
export type TokenKind =
  | 'space'
  | 'comment'
  /** A bare word or one in backticks. */
  | 'name'
  /** In double quotes: a name or a text, as the place wants. */
  | 'symbol'
  /** In single quotes. */
  | 'string'
  | 'integer'
  | 'float'
  /** `=`, `<`, `LIKE`, ... */
  | 'comparison'
  | 'keyword'
  /** ASC and DESC. */
  | 'order'
  | 'operator'
  | 'punctuation'
  | 'unknown';

export interface Token {
  kind: TokenKind;
  text: string;
}

/** Words that are no names where they stand alone; as a part of `params.x` they are. */
const KEYWORDS = new Set(
  `ALL AND ANY AS BETWEEN BY CASE DATE DISTINCT ELSE END EXISTS FALSE FROM GROUP HAVING IN INTO IS KEY LIMIT NOT NULL OFFSET ON
  OR ORDER SELECT SET THEN TIME TRUE UNION USER VALUES VERSION WHEN WHERE`.split(/\s+/),
);

const WORD = '[\\p{L}\\p{M}\\p{N}_]';

/** In this order, the first that fits; sticky, so that a word ends where the next begins. */
const RULES: [TokenKind, RegExp][] = [
  ['comment', /(?:--|# )[^\r\n]*|\/\*.*?\*\//sy],
  ['space', /\s+/y],
  ['name', /`(?:``|[^`])*`/y],
  ['name', new RegExp(`\\p{L}${WORD}*(?=\\s*\\.(?!\\d))`, 'uy')],
  ['name', new RegExp(`(?<=\\.)${WORD}+`, 'uy')],
  ['unknown', /-?0x[\dA-F]+/iy],
  ['float', /-?\d+(?:\.\d+)?[eE]-?\d+/y],
  ['float', /-?(?:\d+\.\d*|\.\d+)(?![_\p{L}])/uy],
  ['integer', /-?\d+(?![\d_\p{L}])/uy],
  ['string', /'(?:''|\\'|[^'])*'/y],
  ['symbol', /"(?:""|\\"|[^"])*"/y],
  // A name in square brackets, as some databases write it: no list.
  ['name', /(?<![\p{L}\p{N}_\])])\[[^\][]+\]/uy],
  ['keyword', /NOT\s+NULL\b/iy],
  ['order', /(?:ASC|DESC)(?:\s+NULLS\s+(?:FIRST|LAST))?\b/iy],
  ['comparison', /(?:NOT\s+)?(?:LIKE|ILIKE|RLIKE)\b/iy],
  ['name', new RegExp(`${WORD}[$#\\p{L}\\p{M}\\p{N}_]*`, 'uy')],
  ['punctuation', /[;:()[\],.]/y],
  ['comparison', /[<>=~!]+/y],
  ['operator', /[-+/@#%^&|*?]+/y],
  ['unknown', /./suy],
];

/** All of `text` as words, in order: joined they are the text again. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at;
    const found = rule.exec(text)?.[0];
    if (!found) continue;
    const alone =
      kind === 'name' &&
      text[at - 1] !== '.' &&
      !/^\s*\./.test(text.slice(at + found.length, at + found.length + 9));
    return { kind: alone && KEYWORDS.has(found.toUpperCase()) ? 'keyword' : kind, text: found };
  }
  // A lone surrogate is no character to the `u` rules.
  return { kind: 'unknown', text: text[at]! };
}
