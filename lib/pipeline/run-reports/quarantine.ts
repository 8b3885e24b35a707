import * as z from 'zod';
import type { ObjectStore } from '../../store/ports.ts';
import type { Runs, Stages } from '../../tracking/index.ts';

export const badRow = z.object({
  line: z.number().int().meta({ description: 'Of the delivered file; the header is line 1' }),
  reason: z.string(),
  values: z.record(z.string(), z.string()),
});

/** The rows that ingest set aside. */
export interface Quarantine {
  /** All of them; of these the first 1,000 are kept. */
  count: number;
  kept: number;
  rows: z.output<typeof badRow>[];
  /** How often each reason stands among the kept ones, the most frequent first. */
  reasons: { reason: string; rows: number }[];
}

const MOST_REASONS = 20;

/** The bad rows of a run's source: none where it has none, or where another run's ingest was taken. */
export async function readQuarantine(
  deps: {
    objects: Pick<ObjectStore, 'get'>;
    runs: Pick<Runs, 'get' | 'findArtifact'>;
    stages: Pick<Stages, 'find'>;
  },
  workspace: string,
  runId: string,
  limit: number,
): Promise<Quarantine> {
  await deps.runs.get(workspace, runId);
  const [artifact, ingest] = await Promise.all([
    deps.runs.findArtifact(workspace, runId, 'quarantine.jsonl'),
    deps.stages.find(workspace, runId, 'ingest'),
  ]);
  if (artifact === undefined) return { count: 0, kept: 0, rows: [], reasons: [] };
  const text = new TextDecoder().decode(await deps.objects.get(artifact.key));
  const lines = text.split('\n').filter((line) => line !== '');
  const rows = lines.map((line) => badRow.parse(JSON.parse(line)));
  // Of a run that failed for them the count stands in the error's details.
  const told = ingest?.outputs.badRows ?? ingest?.error?.details?.badCount;
  return {
    count: typeof told === 'number' ? told : rows.length,
    kept: rows.length,
    rows: rows.slice(0, limit),
    reasons: reasonsOf(rows.map(({ reason }) => reason)),
  };
}

function reasonsOf(reasons: readonly string[]): Quarantine['reasons'] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, rows]) => ({ reason, rows }))
    .sort((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1))
    .slice(0, MOST_REASONS);
}
