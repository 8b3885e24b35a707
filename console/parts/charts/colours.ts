/** How many colours of lines there are; more lines begin again. */
export const SERIES = 8;

/** The colour of the `i`th line, of the theme that `style` is computed in. */
export const seriesColour = (style: CSSStyleDeclaration, i: number): string =>
  style.getPropertyValue(`--series-${(i % SERIES) + 1}`).trim();

/** The same as a class, for SVG. */
export const seriesClass = (i: number): string => `series-${(i % SERIES) + 1}`;
