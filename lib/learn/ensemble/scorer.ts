import type { Ensemble } from './ensemble.ts';
import { isResident, kernelScores, kernelTakes } from './kernel-score.ts';
import { plainScorer, type Scorer } from './score.ts';

/** Rows of one call for which it pays to copy the trees to where the kernel walks them. */
const ROWS_TO_SETTLE = 256;
/** The same of many calls of few rows: there the kernel is twice as fast as plain TypeScript, in a batch many times. */
const ROWS_IN_ALL = 2_048;

/** Raw scores by whichever way is faster for the rows that are asked; both give the same bits. */
export function scorerOf(ensemble: Ensemble): Scorer {
  const plain = plainScorer(ensemble);
  const onKernel = kernelTakes(ensemble);
  let asked = 0;
  return (x) => {
    asked += x.rowCount;
    const pays = isResident(ensemble) || x.rowCount >= ROWS_TO_SETTLE || asked >= ROWS_IN_ALL;
    if (!onKernel || !pays) return plain(x);
    // There is one memory: where models take turns in it, each has to earn its copy anew.
    asked = 0;
    return kernelScores(ensemble, x);
  };
}
