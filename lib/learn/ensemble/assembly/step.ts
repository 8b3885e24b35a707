// One step down a tree, over the nodes and blocks of rows that ../kernel-layout.ts makes.

/** Rows of a block; their entries for one slot lie side by side. */
@inline export const LANES = 8;

/**
 * From the node at `at` to its child, as addresses; a leaf steps onto itself. There is no branch: it would be guessed
 * wrong every other time. `categorical` and `wide` are always constants, so that one of four bodies is left.
 */
@inline export function step(at: usize, block: usize, lane: i32, categorical: bool, wide: bool): usize {
  const ahead = wide ? load<u32>(at, 8) : <u32>load<u16>(at, 6);
  const entry = block + <usize>(wide ? load<u32>(at, 4) : <u32>load<u16>(at, 4)) + (<usize>lane << 2);
  const right = categorical ? goesRight(at, entry) : <u32>(load<f32>(entry) > load<f32>(at));
  return at + (ahead + right) * (wide ? 12 : 8);
}

/**
 * Numbers and categories by one formula, the sign of `(word - value) << shift` in 64 bits. Of a number the word is the
 * node's threshold as an ordered integer and the shift 0; of a category the word is the one of the node's set that has
 * the category's bit, the value 0, and the shift brings that bit to the sign.
 */
@inline function goesRight(at: usize, entry: usize): u32 {
  // Never 0 for a category: how far in the set the word lies, and in the lowest six bits the shift.
  const where = load<u32>(entry + 4 * LANES);
  const word = <i64>load<i32>(select<usize>(load<u32>(at) + (where >> 6), at, where != 0));
  return <u32>(((word - <i64>load<i32>(entry)) << <i64>where) >>> 63);
}

/** The place in the file's nodes of the one so many bytes behind the first. */
@inline export function nodeOf(bytes: usize, wide: bool): u32 { return <u32>(wide ? bytes / 12 : bytes >> 3); }
