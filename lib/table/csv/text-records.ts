/** What a text of CSV holds, and the character (from 0) at which a quoted field does not end well. */
export interface TextRecords {
  records: string[][];
  brokenAt?: number;
}

const ESCAPED: Record<string, string> = { '|': '\\|', '\t': '\\t' };

/**
 * Records of RFC 4180: quoted fields may hold delimiters, quotes and ends of lines. Empty lines are passed over. It needs
 * nothing of Node.js: the predict function and the browser read short texts by it, files are read by `readCsv`.
 */
export function textRecords(text: string, delimiter: string = ','): TextRecords {
  const records: string[][] = [];
  const part = ESCAPED[delimiter] ?? delimiter;
  const field = new RegExp(`("(?:[^"]|"")*"|(?!")[^${part}\\r\\n]*)(${part}|\\r\\n|\\n|\\r|$)`, 'y');
  let record: string[] = [];
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const found = field.exec(text);
    if (found === null) return { records, brokenAt: at };
    const [, raw = '', end] = found;
    record.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === delimiter && field.lastIndex < text.length) continue;
    if (end === delimiter) record.push('');
    if (record.length > 1 || raw !== '') records.push(record);
    record = [];
  }
  return { records };
}
