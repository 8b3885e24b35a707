import { useState } from 'preact/hooks';
import type { ProfiledColumn, RunData } from '../../../lib/pipeline/run-reports/index.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { figure, isOpen, percent } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { Badge, Empty, Histogram, Link, Load, SearchInput, Time } from '../../parts/index.ts';
import { binsOf, rangeOf, type Sorting, sorted, valueText } from './data-rows.ts';
import { QuarantineCard } from './quarantine.tsx';
import type { Detail } from './types.ts';

/** Each column of the training rows, how it moved since the run before, and the rows that were set aside. */
export function DataTab({ run }: { run: Detail }) {
  return (
    <div class="stack">
      <QuarantineCard run={run} />
      {run.lineage.datasetSha256 === undefined ? (
        <Empty title={isOpen(run) ? 'No clean dataset yet' : 'This run has no clean dataset'}>
          The stage <code>clean</code> describes each column.
        </Empty>
      ) : (
        <Columns run={run} />
      )}
    </div>
  );
}

function Columns({ run }: { run: Detail }) {
  const api = useApi();
  const [filter, setFilter] = useState('');
  const [by, setBy] = useState<Sorting>('table');
  const data = useLoad(
    (signal) => api.get<RunData>(path`/runs/${run.runId}/data`, {}, signal),
    [api, run.runId, run.lineage.datasetSha256],
  );
  return (
    <Load of={data} skeleton={undefined}>
      {(found) => {
        const shown = sorted(found.columns, filter, by);
        const hidden = found.columnCount - found.columns.length;
        return (
          <>
            <Facts of={found} />
            <div class="tools">
              <SearchInput label="Filter columns" value={filter} onChange={setFilter} />
              <select
                aria-label="Order of the columns"
                value={by}
                onChange={(event) => setBy(event.currentTarget.value as Sorting)}
              >
                <option value="table">as in the table</option>
                <option value="drift">most drift first</option>
                <option value="missing">most missing first</option>
                <option value="name">by name</option>
              </select>
              <span class="quiet">
                {shown.length} of {found.columnCount} columns
                {hidden > 0 ? `, of which the first ${found.columns.length} are described` : ''}
              </span>
            </div>
            {shown.length === 0 ? (
              <Empty title="No column has that name" />
            ) : (
              <ul class="column-list">
                {shown.map((column) => (
                  <ColumnCard
                    key={column.profile.name}
                    column={column}
                    isTarget={column.profile.name === found.target}
                    isNew={found.previous !== null && column.previous === undefined}
                  />
                ))}
              </ul>
            )}
          </>
        );
      }}
    </Load>
  );
}

function Facts({ of: { rows, previous, removed, duplicatesDropped, synthetic } }: { of: RunData }) {
  const count = (value: number) => value.toLocaleString('en');
  return (
    <section class="card">
      <dl class="facts">
        <div>
          <dt>Rows delivered, clean</dt>
          <dd>
            {count(rows.delivered)}, {count(rows.clean)}
            {synthetic ? <span class="quiet"> generated</span> : null}
          </dd>
        </div>
        <div>
          <dt>To train, validate, test</dt>
          <dd>
            {count(rows.train)}, {count(rows.validation)}, {count(rows.test)}
          </dd>
        </div>
        <div>
          <dt>Dropped as duplicates</dt>
          <dd>{count(duplicatesDropped)}</dd>
        </div>
        <div>
          <dt>Compared with</dt>
          <dd>
            {previous === null ? (
              'no earlier run of this pipeline has data'
            ) : (
              <>
                <Link to={{ view: 'run', id: previous.runId, tab: 'data' }}>
                  run {previous.runId.slice(0, 8)}
                </Link>
                , <Time at={previous.startTime} />
                {previous.same ? ': the very same data' : ''}
              </>
            )}
          </dd>
        </div>
      </dl>
      {removed.length === 0 ? null : (
        <p>
          <Badge tone="warn">gone</Badge> {removed.join(', ')}
        </p>
      )}
      <p class="help">
        Of the training rows, before any fitted step.
        {previous === null || previous.same
          ? ''
          : ' Bars are this run, the line is the run before. PSI: below 0.1 nothing that matters, from 0.25 a large change.'}
      </p>
    </section>
  );
}

const SHIFTS = { none: ['good', 'steady'], moderate: ['warn', 'moved'], large: ['bad', 'drifted'] } as const;

function ColumnCard({
  column,
  isTarget,
  isNew,
}: {
  column: ProfiledColumn;
  isTarget: boolean;
  isNew: boolean;
}) {
  const { profile, shift } = column;
  const all = profile.count + profile.missing;
  const share = all === 0 ? 0 : profile.missing / all;
  const word = shift?.shift ? SHIFTS[shift.shift] : undefined;
  return (
    <li class="card column">
      <header>
        <h3 title={profile.name}>{profile.name}</h3>
        <span class="quiet">{profile.kind}</span>
        {isTarget ? <Badge tone="note">target</Badge> : null}
        {isNew ? <Badge tone="warn">new</Badge> : null}
        <span class="space" />
        {word === undefined || shift?.psi == null ? null : (
          <Badge tone={word[0]} title={`Population stability index ${figure(shift.psi)}`}>
            {word[1]} <span class="numeric">{shift.psi.toFixed(2)}</span>
          </Badge>
        )}
      </header>
      {profile.count === 0 ? (
        <p class="quiet">No row has a value.</p>
      ) : (
        <>
          <Histogram label={`Values of ${profile.name}`} bins={binsOf(column)} />
          <Ends column={column} />
        </>
      )}
      <dl class="small-facts">
        <dt>missing</dt>
        <dd>
          {percent(share)}
          {shift?.missing.a == null || Math.abs(shift.missing.a - share) < 0.0005 ? null : (
            <span class="quiet"> was {percent(shift.missing.a)}</span>
          )}
        </dd>
        <dt>distinct</dt>
        <dd>{profile.distinct.toLocaleString('en')}</dd>
        {'histogram' in profile && profile.kind !== 'date' && profile.kind !== 'boolean' ? (
          <>
            <dt>mean ± std</dt>
            <dd>
              {valueText(profile, profile.mean)} ± {valueText(profile, profile.std)}
            </dd>
          </>
        ) : null}
      </dl>
    </li>
  );
}

/** What the axis goes from and to, or the most frequent categories. */
function Ends({ column }: { column: ProfiledColumn }) {
  const { profile } = column;
  if ('histogram' in profile) {
    const [low, high] = rangeOf(column) ?? [profile.min, profile.max];
    return (
      <div class="ends numeric quiet">
        <span>{valueText(profile, low)}</span>
        <span>{valueText(profile, high)}</span>
      </div>
    );
  }
  const top = profile.categories
    .slice(0, 3)
    .map(({ value, count }) => `${value} ${percent(count / profile.count)}`);
  return <div class="ends quiet clipped">{top.join(' · ')}</div>;
}
