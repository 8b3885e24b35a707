import { counted, grouped } from '../../../lib/table/counted.ts';

/** How far a run's Map is, in words: of a batch prediction its chunks, else what it trains. */
export function progressLabel(
  { done, total }: { done: number; total: number },
  tags: Readonly<Record<string, string>>,
): string {
  return tags['batch.chunks'] === undefined
    ? `Training, ${grouped(done)} of ${grouped(total)} done`
    : `Predicting, ${grouped(done)} of ${counted(total, 'chunk')} done`;
}
