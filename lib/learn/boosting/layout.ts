/** Words of the kernel's `Job` (assembly/job.ts), in its order: an address or integer each, or a double. */
const fields = [
  'ticketLow done sequence sleepers over kind threads',
  'rows features outputs loss maxLeaves maxDepth minLeaf narrow',
  'codes target weights scores gradients hessians packed sample order spare',
  'table blocks blockCount featureList cells firstCells pool used leaves bests found trees treeSizes',
  'chunkMax chunkCuts sampled validRows validCodes validScores scratch scratchBytes pieces a0 a1 a2 a3',
]
  .join(' ')
  .split(' ');
const doubles = ['learningRate', 'l2', 'weightScale', 'weightTotal', 'gradientUnit', 'hessianUnit'] as const;

/** Byte offset of each field. The first one has eight bytes. */
export const jobOffsets: Readonly<Record<string, number>> = (() => {
  const offsets: Record<string, number> = {};
  let at = 0;
  for (const name of fields) {
    offsets[name] = at;
    at += name === 'ticketLow' ? 8 : 4;
  }
  at = Math.ceil(at / 8) * 8;
  for (const name of doubles) {
    offsets[name] = at;
    at += 8;
  }
  offsets.end = at;
  return offsets;
})();

export const JOB_BYTES = jobOffsets.end!;
export const FEATURE_BYTES = 24;
export const SPLIT_BYTES = 104;
export const LEAF_BYTES = 48;
export const NODE_BYTES = 120;
/** Rows that a piece of a phase over rows takes. */
export const CHUNK = 8192;
