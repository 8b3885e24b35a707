/** What the writer takes: JSON. */
export type Yaml = string | number | boolean | null | readonly Yaml[] | { readonly [key: string]: Yaml };

/**
 * A YAML document of mappings, a line a value. Texts are written as JSON, which YAML reads as quoted scalars with the same
 * escapes; so nothing that a text holds is ever taken for a number, a date or a mark.
 */
export function yamlOf(document: { readonly [key: string]: Yaml }): string {
  return lines(document, '').join('');
}

function lines(mapping: { readonly [key: string]: Yaml }, indent: string): string[] {
  return Object.entries(mapping).flatMap(([key, value]) => {
    const name = `${indent}${/^[A-Za-z_]\w*$/.test(key) ? key : scalar(key)}:`;
    return isMapping(value) && Object.keys(value).length > 0
      ? [`${name}\n`, ...lines(value, `${indent}  `)]
      : [`${name} ${scalar(value)}\n`];
  });
}

const isMapping = (value: Yaml): value is { readonly [key: string]: Yaml } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** YAML 1.1 reads `\u2028` and friends as ends of lines: they are escaped, as all beyond ASCII. */
const scalar = (value: Yaml): string =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
