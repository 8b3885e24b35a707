/** Writes CSV by RFC 4180: fields with a comma, a quote or a line break are quoted, and quotes within doubled. */
export function stringify(records: readonly (readonly string[])[], lineEnd: string): string {
  const field = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return records.map((record) => `${record.map(field).join(',')}${lineEnd}`).join('');
}
