/** Python's way to print values, which MLflow's messages hold. */
export function pythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

const quoted = (values: readonly string[]): string => values.map(pythonText).join(', ');

export const setText = (values: readonly string[]): string => `{${quoted(values)}}`;
export const tupleText = (values: readonly string[]): string => `(${quoted(values)})`;
export const listText = (values: readonly string[]): string => `[${quoted(values)}]`;
