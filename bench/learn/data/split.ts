import { seededRandom } from '../../../lib/table/index.ts';

const TEST_SHARE = 0.2;

/** Row numbers in a random order that depends on the seed alone (Fisher-Yates). */
export function shuffledRows(count: number, seed: number): Uint32Array {
  const random = seededRandom(seed);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Four fifths to train on, one fifth to judge by, at random. With `strata` (a class of each row) every class is parted
 * so, to the row.
 */
export function splitEightyTwenty(
  count: number,
  seed: number,
  strata?: ArrayLike<number>,
): { train: Uint32Array; test: Uint32Array } {
  const order = shuffledRows(count, seed);
  const sizes = new Map<number, number>();
  for (let i = 0; i < count; i++) sizes.set(strata?.[i] ?? 0, (sizes.get(strata?.[i] ?? 0) ?? 0) + 1);
  const left = new Map([...sizes].map(([stratum, size]) => [stratum, Math.round(size * TEST_SHARE)]));
  const [train, test]: number[][] = [[], []];
  for (const row of order) {
    const stratum = strata?.[row] ?? 0;
    const wanted = left.get(stratum)!;
    (wanted > 0 ? test : train)!.push(row);
    if (wanted > 0) left.set(stratum, wanted - 1);
  }
  return { train: Uint32Array.from(train!), test: Uint32Array.from(test!) };
}
