import type { Run } from '../../../lib/tracking/types.ts';
import { cx } from '../../lib/class.ts';
import { figure } from '../../lib/format.ts';
import { Link, Status, Time } from '../../parts/index.ts';
import { type CompareRow, change, GROUPS, type Group } from './rows.ts';

const TITLES: Record<Group, string> = {
  run: 'Run',
  metrics: 'Metrics',
  params: 'Parameters',
  data: 'Data',
  code: 'Code',
  tags: 'Tags',
};

/** Runs as columns, what they have as rows. The names and the heads stay in sight. */
export function CompareTable({
  runs,
  rows,
  onFirst,
  onRemove,
}: {
  runs: readonly Run[];
  rows: readonly CompareRow[];
  onFirst: (id: string) => void;
  /** Absent where no run can go. */
  onRemove: ((id: string) => void) | undefined;
}) {
  return (
    <section class="compare" aria-label="Runs side by side" tabIndex={0}>
      <table>
        <caption class="unseen">Runs side by side</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">What</span>
            </th>
            {runs.map((run, i) => (
              <th key={run.runId} scope="col">
                <Link to={{ view: 'run', id: run.runId }} title={run.name}>
                  {run.pipeline ?? run.name} <span class="mono">{run.runId.slice(0, 8)}</span>
                </Link>
                <span class="compare-head">
                  <Status of={run.status} />
                  <span class="quiet">
                    <Time at={run.startTime} />
                  </span>
                </span>
                <span class="compare-head">
                  {i === 0 ? (
                    <span class="quiet">held against</span>
                  ) : (
                    <button type="button" class="button link" onClick={() => onFirst(run.runId)}>
                      hold against<span class="unseen"> {run.runId.slice(0, 8)}</span>
                    </button>
                  )}
                  {onRemove === undefined ? null : (
                    <button type="button" class="button link" onClick={() => onRemove(run.runId)}>
                      leave out<span class="unseen"> {run.runId.slice(0, 8)}</span>
                    </button>
                  )}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        {GROUPS.map((group) => {
          const own = rows.filter((row) => row.group === group);
          if (own.length === 0) return null;
          return (
            <tbody key={group}>
              <tr class="group">
                <th scope="rowgroup" colSpan={runs.length + 1}>
                  {TITLES[group]}
                </th>
              </tr>
              {own.map((row) => (
                <tr key={row.name} class={row.differs ? '' : 'same'}>
                  <th scope="row">{row.name}</th>
                  {runs.map((run, i) => (
                    <Cell key={run.runId} row={row} i={i} />
                  ))}
                </tr>
              ))}
            </tbody>
          );
        })}
      </table>
    </section>
  );
}

function Cell({ row, i }: { row: CompareRow; i: number }) {
  const value = row.values[i];
  const isBest = row.best.includes(i);
  const moved = change(row, i);
  if (value === undefined) return <td class={cx('quiet', row.group === 'metrics' && 'numeric')}>–</td>;
  const text = typeof value === 'number' ? figure(value) : value;
  const isHash = typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
  return (
    <td class={cx(typeof value === 'number' && 'numeric', isBest && 'best', isHash && 'mono')}>
      <span title={String(value)}>{isHash ? text.slice(0, 12) : text}</span>
      {isBest ? <span class="badge good">best</span> : null}
      {moved === undefined || row.group !== 'metrics' ? null : (
        <span class={cx('delta', moved.isBetter === true && 'better', moved.isBetter === false && 'worse')}>
          {moved.by > 0 ? '+' : '−'}
          {figure(Math.abs(moved.by))}
          {moved.isBetter === undefined ? '' : moved.isBetter ? ' better' : ' worse'}
        </span>
      )}
    </td>
  );
}
