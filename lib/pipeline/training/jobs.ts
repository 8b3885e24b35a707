import { getAlgorithm } from '../../learn/index.ts';
import type { PipelineDefinition } from '../definition/index.ts';
import type { DatasetManifest, PartRef } from '../stages/types.ts';
import type { Part } from './part.ts';

export { PARTS, type Part } from './part.ts';

/** One model to be made. Its place in the list is its item of the train Map. */
export interface Job {
  /** Place in the definition's candidates. */
  candidate: number;
  part: Part;
  /** The batch, counted from 1; null for the other parts. */
  batch: number | null;
  /** The rows that it is fitted on; of a merged model those that its batch models were. */
  rows: PartRef;
}

type Asked = Pick<PipelineDefinition, 'candidates' | 'batches'>;

/**
 * All models of a run, candidate by candidate: its batches in order (or, without batches, the one on all training rows),
 * then the one on all rows, the merged one and the one of the row split, as far as the definition asks for them.
 */
export const jobsOf = ({ candidates, batches }: Asked, dataset: DatasetManifest): Job[] =>
  candidates.flatMap(({ algorithm }, candidate) => {
    const job = (part: Part, rows: PartRef, batch: number | null = null): Job => ({
      candidate,
      part,
      batch,
      rows,
    });
    const all = dataset.splits.train;
    const mergeable = getAlgorithm(algorithm).mergeModels !== undefined;
    return [
      ...dataset.batches.map((rows) => job('batch', rows, rows.batchId)),
      ...(dataset.batches.length === 0 || batches?.whole ? [job('whole', all)] : []),
      ...(dataset.batches.length > 0 && batches?.merged && mergeable ? [job('merged', all)] : []),
      ...(dataset.rowSplit === undefined ? [] : [job('row-split', dataset.rowSplit.train)]),
    ];
  });

/** A model's part as people read it: `batch 3`, `all rows`, `merged`, `row split`. */
export function partText({ part, batch }: Pick<Job, 'part' | 'batch'>): string {
  if (part === 'batch') return `batch ${batch}`;
  return part === 'whole' ? 'all rows' : part.replace('-', ' ');
}
