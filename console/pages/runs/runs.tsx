import { useCallback, useMemo, useState } from 'preact/hooks';
import type { Experiment, RegisteredModel } from '../../../lib/tracking/types.ts';
import { hashOf, type PlaceOf } from '../../address.ts';
import { useApi } from '../../app/session.ts';
import { useLoad } from '../../lib/load.ts';
import { go } from '../../lib/router.ts';
import { Button, Empty, ErrorBox, Skeleton, Table } from '../../parts/index.ts';
import { available, chosenColumns, keepColumns, usual } from './choice.ts';
import { Chosen } from './chosen.tsx';
import { ColumnDialog } from './column-dialog.tsx';
import { aliasesOf, columnsOf } from './columns.tsx';
import { literal, orderOf, orderText, quoted } from './query.ts';
import type { Row } from './row.ts';
import { readExperiments } from './source.ts';
import { Tools } from './tools.tsx';
import { useRuns } from './use-runs.ts';

type RunsPlace = PlaceOf<'runs'>;

/** The start page: every run, newest first or in the order of a column, as many as one likes to scroll through. */
export function Runs({ place }: { place: RunsPlace }) {
  const api = useApi();
  const [round, setRound] = useState(0);
  // Read again by "Refresh" alone: a new experiment is rare.
  const known = useMemo(() => readExperiments(api), [api, round]);
  const experiments = useLoad(() => known, [known]).data ?? NONE;
  const hash = hashOf(place);
  const runs = useRuns(api, { ...place, experiments: known }, hash);
  const models = useLoad(
    (signal) => api.get<{ models: RegisteredModel[] }>('/models', { limit: 200 }, signal),
    [api],
  );
  const [chosen, setChosen] = useState(chosenColumns);
  const [isChoosing, setChoosing] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { rows } = runs;
  const order = orderOf(place.order) ?? { by: 'started', descending: true };
  const ids = chosen ?? usual(rows ?? []);
  // What orders the table is to be seen in it.
  const shown = ids.includes(order.by) || order.by === 'started' ? ids : [...ids, order.by];
  // The same columns while nothing in them is another: a row that stays in sight is not drawn again.
  const columns = useMemo(
    () =>
      columnsOf(shown, {
        details: runs.details,
        aliases: aliasesOf(models.data?.models ?? []),
        experiments: new Map(experiments.map((one) => [one.experimentId, one.name])),
        onTag: (name, value) => go({ ...place, filter: `tags.${quoted(name)} = ${literal(value)}` }),
      }),
    [shown.join('\n'), runs.details, models.data, experiments, hash],
  );
  const select = useCallback((id: string, on: boolean) => setSelected((set) => toggled(set, id, on)), []);
  const choose = (next: string[] | undefined) => {
    setChosen(next);
    keepColumns(next);
  };
  const refresh = async () => {
    setRound(round + 1);
    await Promise.all([runs.refresh(), models.refresh()]);
  };
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>Runs</h1>
        <span class="quiet figures" aria-live="polite">
          {rows === undefined ? '' : `${rows.length.toLocaleString('en')}${runs.hasMore ? ' so far' : ''}`}
        </span>
        <span class="space" />
        <Button onClick={() => setChoosing(true)}>Columns</Button>
        <Button onClick={refresh} busyText="Refreshing">
          Refresh
        </Button>
      </div>
      <Tools place={place} names={experiments.map(({ name }) => name)} />
      {runs.error === undefined ? null : <ErrorBox error={runs.error} retry={runs.refresh} />}
      {rows === undefined ? (
        runs.error === undefined ? (
          <Skeleton rows={14} />
        ) : null
      ) : (
        <Table
          caption={order.by === 'started' && order.descending ? 'Runs, newest first' : `Runs by ${order.by}`}
          columns={columns}
          rows={rows}
          rowKey={runIdOf}
          onOpen={open}
          order={order}
          onOrder={(next) => go({ ...place, order: orderText(next) } as RunsPlace)}
          selected={selected}
          onSelect={select}
          selectLabel={labelOf}
          virtual
          onNear={runs.more}
          empty={<Nothing place={place} />}
        />
      )}
      <p class="more quiet" aria-live="polite">
        {runs.loading ? 'Reading older runs …' : ''}
      </p>
      <Chosen api={api} ids={[...selected]} onClear={() => setSelected(new Set())} onTagged={refresh} />
      {isChoosing ? (
        <ColumnDialog
          there={available(rows ?? [])}
          chosen={shown}
          onChoose={choose}
          onClose={() => setChoosing(false)}
        />
      ) : null}
    </>
  );
}

const NONE: readonly Experiment[] = [];
const runIdOf = ({ runId }: Row): string => runId;
const labelOf = ({ name }: Row): string => `Choose ${name}`;
const open = ({ runId }: Row): void => go({ view: 'run', id: runId });

function toggled(set: ReadonlySet<string>, id: string, on: boolean): Set<string> {
  const next = new Set(set);
  if (on) next.add(id);
  else next.delete(id);
  return next;
}

const Nothing = ({ place: { filter, pipeline } }: { place: RunsPlace }) =>
  filter === undefined ? (
    <Empty title="No runs yet">
      Start one: <code>npx arboleda run {pipeline ?? 'PIPELINE'} --wait</code>
    </Empty>
  ) : (
    <Empty title="No run matches the filter">
      <Button onClick={() => go({ view: 'runs', ...(pipeline === undefined ? {} : { pipeline }) })}>
        Clear the filter
      </Button>
    </Empty>
  );
