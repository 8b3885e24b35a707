import type { Item } from '../store/ports.ts';
import { fromText, toText } from './json.ts';
import type { PredictionFacts, PredictionRecord, VersionAttempt } from './types.ts';

/** What stands in the item's own attributes anyway. */
type Head = 'requestId' | 'model' | 'version' | 'at' | 'count';

/** The facts of a record as one text beside it; undefined where it has none, as records of before have. */
export function factsAttribute(record: PredictionRecord): string | undefined {
  const { latencyMs, cold, error, failedOver, splitRevision, arm, probe, shadows } = record;
  const facts: Omit<PredictionFacts, Head> = {
    ...(latencyMs !== undefined && { latencyMs }),
    ...(cold && { cold }),
    ...(error && { error }),
    ...(failedOver && { failedOver }),
    ...(splitRevision !== undefined && { splitRevision }),
    ...(arm && { arm }),
    ...(probe && { probe }),
    ...(shadows && { shadows: shadows.map(({ predictions: _, ...attempt }): VersionAttempt => attempt) }),
  };
  return Object.keys(facts).length === 0 ? undefined : toText(facts);
}

/** What a prediction's item tells without its record: enough to count traffic, latencies and failures of every version. */
export function predictionFacts(item: Item): PredictionFacts {
  const { requestId, model, version, at, count, facts } = item;
  const head = { requestId, model, version, at, count } as Pick<PredictionFacts, Head>;
  return {
    ...head,
    ...(facts === undefined ? {} : fromText<Omit<PredictionFacts, Head>>(facts, 'prediction')),
  };
}
