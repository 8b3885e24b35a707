/** What a curl command asks. */
export interface CurlOptions {
  /** The API's root, without a slash at the end. */
  base: string;
  model: string;
  /** Undefined for the version that holds `production`. */
  version?: string | undefined;
  row: Record<string, unknown>;
  explain?: boolean;
}

/** A text as one word of a POSIX shell, whatever it holds. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that asks what the form asks. The token stays in the reader's shell: it is in no command that is copied. */
export function curlText({ base, model, version, row, explain = false }: CurlOptions): string {
  const query = new URLSearchParams();
  if (version !== undefined) query.set('version', version);
  if (explain) query.set('explain', 'true');
  const asked = query.size === 0 ? '' : `?${query}`;
  return [
    `curl ${shellWord(`${base}/models/${encodeURIComponent(model)}/predict${asked}`)}`,
    '-H "Authorization: Bearer $TOKEN"',
    "-H 'Content-Type: application/json'",
    `-d ${shellWord(JSON.stringify(row))}`,
  ].join(' \\\n  ');
}
