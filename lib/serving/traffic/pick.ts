import { createHash } from 'node:crypto';

const TWO_TO_48 = 2 ** 48;

/** A number in [0, 1) that a key always has under a seed, and that keys share out evenly: 48 bits of SHA-256. */
export function place(seed: string, key: string): number {
  // The lengths cannot be confused: a seed holds no line end.
  const digest = createHash('sha256').update(`${seed}\n${key}`).digest();
  return digest.readUIntBE(0, 6) / TWO_TO_48;
}

/**
 * The arm that a caller's key belongs to. The arms lie on [0, 100) one after the other, each as wide as its weight, so that a
 * change of weights moves no more callers than it must where there are two.
 *
 * @param arms with weights that sum to 100
 */
export function pickArm<A extends { weight: number }>(arms: readonly A[], seed: string, key: string): A {
  const at = 100 * place(seed, key);
  let end = 0;
  for (const arm of arms) {
    end += arm.weight;
    if (at < end) return arm;
  }
  throw new RangeError(`weights sum to ${end}, not to 100`);
}

/** What the log keeps of a caller's key: enough to find the same caller again, not to read who it is. 32 hex digits. */
export const hashOfKey = (key: string): string =>
  createHash('sha256').update(`arboleda-key\n${key}`).digest('hex').slice(0, 32);
