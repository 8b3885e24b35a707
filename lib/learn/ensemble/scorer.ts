import type { Ensemble } from './ensemble.ts';
import { isResident, kernelScores, kernelTakes } from './kernel-score.ts';
import { plainScorer, type Scorer } from './score.ts';

/** Rows from which the kernel is faster than plain TypeScript: here, where the trees lie in its memory already. */
const ROWS_RESIDENT = 16;
/** And where they have to be copied there first. */
const ROWS_TO_SETTLE = 256;

/** Raw scores by whichever way is faster for the rows that are asked; both give the same bits. */
export function scorerOf(ensemble: Ensemble): Scorer {
  const plain = plainScorer(ensemble);
  const onKernel = kernelTakes(ensemble);
  return (x) => {
    const pays = x.rowCount >= (isResident(ensemble) ? ROWS_RESIDENT : ROWS_TO_SETTLE);
    return onKernel && pays ? kernelScores(ensemble, x) : plain(x);
  };
}
