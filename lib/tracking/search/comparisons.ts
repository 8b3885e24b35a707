import { type Token, type TokenKind, tokenize } from './tokens.ts';

/** A piece of a filter: a token, or several that belong together. */
export interface Node {
  kind: TokenKind | 'identifier' | 'list' | 'operation' | 'compared';
  text: string;
  /** Of `compared`: what is compared, how, and with what (`IS NULL` has no right side). */
  left?: Node;
  comparator?: string;
  right?: Node;
}

const NAMED: ReadonlySet<Node['kind']> = new Set(['name', 'symbol']);
const COMPARABLE: ReadonlySet<Node['kind']> = new Set([
  'identifier',
  'list',
  'operation',
  'string',
  'integer',
  'float',
]);

const isWord = (node: Node | undefined, word: string): boolean =>
  node?.kind === 'keyword' && node.text.toUpperCase().replace(/\s+/g, ' ') === word;

/** The pieces of a filter, without the space between them: comparisons, ANDs, and what does not belong in one. */
export function piecesOf(text: string): Node[] {
  const grouped = compare(operations(identifiers(lists(tokenize(text)))));
  return aliases(membership(grouped)).filter((node) => node.kind !== 'space');
}

/** Whether a `;` parts the text into several statements. */
export function isSeveral(text: string): boolean {
  const tokens = tokenize(text);
  const end = tokens.findIndex((token) => token.text === ';');
  return end >= 0 && tokens.slice(end + 1).some((token) => token.kind !== 'space');
}

/** What is in parentheses is one piece. */
function lists(tokens: readonly Token[]): Node[] {
  const nodes: Node[] = [];
  const open: number[] = [];
  for (const token of tokens) {
    if (token.text === '(') open.push(nodes.length);
    nodes.push({ kind: token.kind, text: token.text });
    const from = token.text === ')' ? open.pop() : undefined;
    if (from !== undefined) nodes.push({ kind: 'list', text: textOf(nodes.splice(from)) });
  }
  return nodes;
}

/** `params.a.b`, `metrics."a b"`: names joined by dots, with space around the dots or none. */
function identifiers(nodes: readonly Node[]): Node[] {
  const result: Node[] = [];
  for (let i = 0; i < nodes.length; i += 1) {
    const first = nodes[i]!;
    if (!NAMED.has(first.kind)) {
      result.push(first);
      continue;
    }
    let end = i;
    for (let next = afterDot(nodes, end); next !== undefined; next = afterDot(nodes, end)) end = next;
    result.push({ kind: 'identifier', text: textOf(nodes.slice(i, end + 1)) });
    i = end;
  }
  return result;
}

function afterDot(nodes: readonly Node[], from: number): number | undefined {
  const dot = skip(nodes, from + 1);
  if (nodes[dot]?.text !== '.') return undefined;
  const part = skip(nodes, dot + 1);
  const kind = nodes[part]?.kind;
  return kind && (NAMED.has(kind) || kind === 'string' || kind === 'keyword') ? part : undefined;
}

/** `a-b`, `1 + 1`: no single thing to compare, as MLflow says of a key with a `-` that is not quoted. */
function operations(nodes: readonly Node[]): Node[] {
  const result = [...nodes];
  for (let i = 0; i < result.length; i += 1) {
    if (result[i]!.kind !== 'operator') continue;
    const before = back(result, i - 1);
    const after = skip(result, i + 1);
    if (!isComparable(result[before]) || !isComparable(result[after])) continue;
    const text = textOf(result.slice(before, after + 1));
    result.splice(before, after - before + 1, { kind: 'operation', text });
    i = before;
  }
  return result;
}

/** `left comparator right`. */
function compare(nodes: readonly Node[]): Node[] {
  const result = [...nodes];
  for (let i = 0; i < result.length; i += 1) {
    if (result[i]!.kind !== 'comparison') continue;
    const before = back(result, i - 1);
    const after = skip(result, i + 1);
    const [left, right] = [result[before], result[after]];
    if (!isComparable(left) || !(isComparable(right) || isWord(right, 'NULL'))) continue;
    const node: Node = {
      kind: 'compared',
      text: textOf(result.slice(before, after + 1)),
      left: left as Node,
      comparator: result[i]!.text,
      right: right as Node,
    };
    result.splice(before, after - before + 1, node);
    i = before;
  }
  return result;
}

/** `x IN (...)`, `x NOT IN (...)`, `x IS NULL`, `x IS NOT NULL`. */
function membership(nodes: readonly Node[]): Node[] {
  const solid = nodes.filter((node) => node.kind !== 'space');
  const result: Node[] = [];
  for (let i = 0; i < solid.length; i += 1) {
    const [left, a, b, c] = solid.slice(i, i + 4) as [Node, ...(Node | undefined)[]];
    const found = left.kind === 'identifier' ? memberOf(left, a, b, c) : undefined;
    result.push(found?.node ?? left);
    i += found?.more ?? 0;
  }
  return result;
}

function memberOf(left: Node, a?: Node, b?: Node, c?: Node): { node: Node; more: number } | undefined {
  const node = (comparator: string, ...parts: Node[]): Node => ({
    kind: 'compared',
    // As MLflow shows it where it is not allowed.
    text: left.text + (parts.at(-1)?.kind === 'list' ? ` ${comparator} ${parts.at(-1)?.text}` : comparator),
    left,
    comparator,
  });
  if (isWord(a, 'IN') && b?.kind === 'list') return { node: { ...node(a!.text, a!, b), right: b }, more: 2 };
  if (isWord(a, 'NOT') && isWord(b, 'IN') && c?.kind === 'list')
    return { node: { ...node('NOT IN', a!, b!, c), right: c }, more: 3 };
  if (isWord(a, 'IS') && isWord(b, 'NULL')) return { node: node('IS NULL', a!, b!), more: 2 };
  if (isWord(a, 'IS') && isWord(b, 'NOT NULL')) return { node: node('IS NOT NULL', a!, b!), more: 2 };
  return undefined;
}

/** Two names side by side are one piece to MLflow, a name and its alias: so its errors show them. */
function aliases(nodes: readonly Node[]): Node[] {
  const result: Node[] = [];
  for (const node of nodes) {
    const last = result.at(-1);
    if (last?.kind === 'identifier' && node.kind === 'identifier' && !last.text.includes(' ')) {
      result[result.length - 1] = { kind: 'identifier', text: `${last.text} ${node.text}` };
    } else result.push(node);
  }
  return result;
}

const isComparable = (node: Node | undefined): boolean => node !== undefined && COMPARABLE.has(node.kind);
const textOf = (nodes: readonly Node[]): string => nodes.map((node) => node.text).join('');

function skip(nodes: readonly Node[], from: number): number {
  let at = from;
  while (nodes[at]?.kind === 'space') at += 1;
  return at;
}

function back(nodes: readonly Node[], from: number): number {
  let at = from;
  while (nodes[at]?.kind === 'space') at -= 1;
  return at;
}
