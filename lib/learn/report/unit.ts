/** ECharts places marks on axes between these; beyond, its steps of an axis come to nothing, or it gives up. */
const SMALLEST = 1e-9;
const LARGEST = 1e15;

/**
 * The power of ten in which an axis counts so that its values can be drawn: 1 but for very small and very large ones.
 * Values are divided by it, and multiplied again where a figure is written.
 */
export function axisUnit(values: Iterable<number>): number {
  let size = 0;
  for (const value of values) if (Number.isFinite(value)) size = Math.max(size, Math.abs(value));
  if (size === 0 || (size >= SMALLEST && size <= LARGEST)) return 1;
  // The least normal number: 10 to the power of a subnormal's exponent is no exact divisor.
  return 10 ** Math.max(-307, Math.floor(Math.log10(size)));
}
