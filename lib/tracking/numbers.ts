import { InvalidInputError } from '../errors/index.ts';

const OFFSET = 2n ** 63n;

/** An integer as 20 digits whose text order is the number's order, negatives too. Throws InvalidInputError. */
export function orderedInteger(value: number, field: string): string {
  if (!Number.isSafeInteger(value)) throw new InvalidInputError(`${field} is not an integer`, { field });
  return (BigInt(value) + OFFSET).toString().padStart(20, '0');
}

/**
 * A float as 16 hex digits whose text order is the number's order; NaN last, -0 as 0. The IEEE 754 bits with the sign bit
 * flipped, or all bits flipped below zero. An index over metrics (issue "MLflow") can sort by the same text.
 */
export function orderedFloat(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Object.is(value, -0) ? 0 : value);
  const bits = view.getBigUint64(0);
  if (Number.isNaN(value)) return 'f'.repeat(16);
  const flipped = bits >> 63n === 1n ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n);
  return flipped.toString(16).padStart(16, '0');
}

/** A number as text that reads back as the very same float, NaN and infinities too: DynamoDB's numbers hold neither. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
