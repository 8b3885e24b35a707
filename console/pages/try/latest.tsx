import { counted } from '../../../lib/table/counted.ts';
import type { ListedPrediction } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { percent } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { Button, type Column, Empty, Load, Table, Time } from '../../parts/index.ts';
import { answerText } from './prediction.tsx';

/** The index that lists predictions follows the table within moments. */
const SETTLES_MS = 400;

/** A model's predictions, newest first. Read again when `count` grows. */
export function Latest({ model, count }: { model: string; count: number }) {
  const api = useApi();
  const latest = useLoad(
    async (signal) => {
      if (count > 0) await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
      return api.get<{ predictions: ListedPrediction[] }>('/predictions', { model, limit: 10 }, signal);
    },
    [model, count],
  );
  return (
    <section aria-labelledby="latest">
      <div class="line">
        <h2 id="latest">Latest predictions</h2>
        <Button kind="quiet" onClick={latest.refresh}>
          Refresh
        </Button>
      </div>
      <Load of={latest}>
        {({ predictions }) => (
          <Table
            caption={`Latest predictions of ${model}`}
            columns={COLUMNS}
            rows={predictions}
            rowKey={({ requestId }) => requestId}
            empty={<Empty title="None yet" />}
          />
        )}
      </Load>
    </section>
  );
}

const COLUMNS: Column<ListedPrediction>[] = [
  { id: 'when', title: 'When', cell: ({ at }) => <Time at={at} /> },
  { id: 'version', title: 'Version', cell: ({ version }) => version },
  {
    id: 'prediction',
    title: 'Prediction',
    cell: ({ count, predictions, error }) => {
      if (error !== undefined) return <span class="bad">failed: {error.code}</span>;
      const only = count === 1 ? predictions?.[0] : undefined;
      if (only === undefined) return counted(count, 'row');
      const own = only.probabilities?.[String(only.prediction)];
      return (
        <>
          <strong>{answerText(only.prediction)}</strong> {own === undefined ? null : percent(own)}
        </>
      );
    },
  },
  {
    id: 'row',
    title: 'Row',
    cell: ({ count, rows }) =>
      count === 1 ? <span class="quiet row-text">{rowText(rows?.[0])}</span> : null,
  },
];

const rowText = (row: unknown): string =>
  Object.entries((row ?? {}) as Record<string, unknown>)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
