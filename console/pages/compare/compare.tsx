import { useState } from 'preact/hooks';
import type { Run } from '../../../lib/tracking/types.ts';
import type { PlaceOf } from '../../address.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { isOpen } from '../../lib/format.ts';
import { useLive } from '../../lib/load.ts';
import { go } from '../../lib/router.ts';
import { Empty, Link, Load } from '../../parts/index.ts';
import { Curves } from '../run/curves.tsx';
import { CompareTable } from './compare-table.tsx';
import { askedFor, compareRows, LEAST_RUNS, MOST_RUNS } from './rows.ts';

/** Two to ten runs side by side: what differs, their figures, and their curves over each other. */
export function Compare({ place }: { place: PlaceOf<'compare'> }) {
  const ids = askedFor(place.ids);
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>Compare {ids.length < LEAST_RUNS ? 'runs' : `${ids.length} runs`}</h1>
      </div>
      {new Set(place.ids).size > MOST_RUNS ? (
        <p class="quiet">At most {MOST_RUNS} runs stand beside each other: these are the first.</p>
      ) : null}
      {ids.length < LEAST_RUNS ? (
        <Empty title="Choose two to ten runs">
          Tick them in the table of <Link to={{ view: 'runs' }}>runs</Link>, or press Compare on a run's own
          page.
        </Empty>
      ) : (
        <Compared ids={ids} />
      )}
    </>
  );
}

function Compared({ ids }: { ids: readonly string[] }) {
  const api = useApi();
  const [onlyDifferences, setOnly] = useState(true);
  const runs = useLive(
    (signal) => Promise.all(ids.map((id) => api.get<Run>(path`/runs/${id}`, {}, signal))),
    [api, ids.join()],
    (found) => found.some(isOpen),
  );
  return (
    <Load of={runs}>
      {(found) => {
        const rows = compareRows(found);
        const shown = onlyDifferences ? rows.filter(({ differs }) => differs) : rows;
        const equal = rows.length - rows.filter(({ differs }) => differs).length;
        return (
          <div class="stack">
            <div class="tools">
              <label class="tick-line">
                <input
                  type="checkbox"
                  checked={onlyDifferences}
                  onChange={(event) => setOnly(event.currentTarget.checked)}
                />
                Differences only
              </label>
              <span class="quiet">
                {rows.length - equal} of {rows.length} rows differ. Figures are held against the first run.
              </span>
            </div>
            {shown.length === 0 ? (
              <Empty title="These runs differ in nothing">
                Parameters, metrics, data, code and tags are the same.
              </Empty>
            ) : (
              <CompareTable
                runs={found}
                rows={shown}
                onFirst={(id) => go({ view: 'compare', ids: [id, ...ids.filter((one) => one !== id)] })}
                onRemove={
                  ids.length > LEAST_RUNS
                    ? (id) => go({ view: 'compare', ids: ids.filter((one) => one !== id) })
                    : undefined
                }
              />
            )}
            <Curves runs={found} />
          </div>
        );
      }}
    </Load>
  );
}
