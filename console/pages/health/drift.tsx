import { useState } from 'preact/hooks';
import { counted } from '../../../lib/table/counted.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { figure } from '../../lib/format.ts';
import { type Loaded, useLoad } from '../../lib/load.ts';
import {
  Badge,
  Button,
  type Column,
  Empty,
  Histogram,
  Load,
  Skeleton,
  Stand,
  Table,
  Time,
} from '../../parts/index.ts';
import {
  byDrift,
  chance,
  missingWords,
  newWords,
  psiWords,
  reasonWords,
  STATUS_WORDS,
  TEST_WORDS,
} from './drift.ts';
import type { DriftReport, DriftSummary, FeatureDrift } from './types.ts';

/** The drift reports of a model, newest first, and the one that is looked at. */
export function Drift({
  of,
  model,
  onCheck,
}: {
  of: Loaded<{ reports: DriftSummary[] }>;
  model: string;
  onCheck: () => Promise<unknown>;
}) {
  const [asked, setAsked] = useState<string>();
  const reports = of.data?.reports ?? [];
  const chosen = reports.find(({ id }) => id === asked) ?? reports[0];
  return (
    <section class="card" aria-labelledby="drift-title">
      <div class="section-head">
        <h2 id="drift-title">Drift</h2>
        {chosen === undefined ? null : <State of={chosen} />}
        <span class="space" />
        {reports.length < 2 ? null : (
          <select
            aria-label="Report"
            value={chosen?.id}
            onChange={(event) => setAsked(event.currentTarget.value)}
          >
            {reports.map(({ id, to, version, status }) => (
              <option key={id} value={id}>
                {to.slice(0, 16).replace('T', ' ')} · version {version} · {STATUS_WORDS[status].word}
              </option>
            ))}
          </select>
        )}
      </div>
      <Load of={of} skeleton={<Skeleton rows={4} label="Loading the drift reports" />}>
        {() =>
          chosen === undefined ? (
            <Empty title="No report yet">
              <p>
                The monitor compares what is asked of {model} with what it was trained on, once enough rows
                have come.
              </p>
              <Button needs="operate" onClick={onCheck} busyText="Checking">
                Check now
              </Button>
            </Empty>
          ) : (
            <Report key={chosen.id} model={model} id={chosen.id} />
          )
        }
      </Load>
    </section>
  );
}

const State = ({ of: { status } }: { of: DriftSummary }) => (
  <Badge tone={STATUS_WORDS[status].tone} title={STATUS_WORDS[status].means}>
    {STATUS_WORDS[status].word}
  </Badge>
);

interface Row extends FeatureDrift {
  isAnswer?: boolean;
}

function Report({ model, id }: { model: string; id: string }) {
  const api = useApi();
  const report = useLoad(
    (signal) => api.get<DriftReport>(path`/models/${model}/drift/${id}`, {}, signal),
    [api, model, id],
  );
  return (
    <Load of={report} skeleton={<Skeleton rows={6} label="Loading the report" />}>
      {({ version, from, to, rows, status, features, prediction, notes = [] }) => {
        const all: Row[] = [
          ...(prediction === undefined ? [] : [{ ...prediction, isAnswer: true }]),
          ...byDrift(features),
        ];
        return (
          <>
            <p class="quiet">
              {counted(rows, 'row')} that version {version} answered from <Time at={from} /> to{' '}
              <Time at={to} />, beside its training. {STATUS_WORDS[status].means}
            </p>
            <p class="quiet">
              PSI is the population stability index: under 0.1 little differs, to 0.25 some, beyond a lot. p
              is the chance of such a difference without drift, corrected for the number of features. Bars are
              recent rows, the line is training.
            </p>
            {notes.map((note) => (
              <p key={note} class="quiet">
                {note}
              </p>
            ))}
            {all.length === 0 ? null : (
              <Table
                caption="Features by how far they drifted"
                columns={status === 'too-few-rows' ? UNJUDGED : JUDGED}
                rows={all}
                rowKey={({ name, isAnswer }) => `${isAnswer} ${name}`}
              />
            )}
          </>
        );
      }}
    </Load>
  );
}

/** @param isJudged false where too few rows came: an index of a few rows is large whatever they hold, and reads as an alarm */
const columnsOf = (isJudged: boolean): Column<Row>[] => [
  {
    id: 'name',
    title: 'Feature',
    cell: ({ name, kind, isAnswer }) => (
      <div>
        <strong>{isAnswer ? 'prediction' : name}</strong>{' '}
        <span class="quiet">{isAnswer ? 'what it answered' : kind}</span>
      </div>
    ),
  },
  {
    id: 'drift',
    title: 'Drift',
    cell: ({ drifted, reasons }) =>
      isJudged ? (
        <Stand tone={drifted ? 'bad' : 'good'} sign={drifted ? '!' : '✓'}>
          {drifted ? reasonWords(reasons) || 'drifted' : 'none'}
        </Stand>
      ) : (
        <span class="quiet">not judged</span>
      ),
  },
  {
    id: 'psi',
    title: 'PSI',
    numeric: true,
    cell: ({ psi }) =>
      isJudged ? (
        <span class={`psi ${psiWords(psi).tone}-text`}>
          {psi === null ? '–' : psi.toFixed(3)} <small>{psiWords(psi).word}</small>
        </span>
      ) : (
        <span class="quiet">{psi === null ? '–' : psi.toFixed(3)}</span>
      ),
  },
  {
    id: 'test',
    title: 'p',
    numeric: true,
    cell: ({ test, statistic, pValue, adjustedPValue }) => (
      <span
        title={`${TEST_WORDS[test]} ${statistic === null ? '–' : figure(statistic)}, p ${chance(pValue)} before correction`}
      >
        {chance(adjustedPValue)} <small>{test === 'ks' ? 'KS' : 'χ²'}</small>
      </span>
    ),
  },
  {
    id: 'bins',
    title: 'Values',
    cell: ({ name, bins }) =>
      bins.length === 0 ? (
        <span class="quiet">–</span>
      ) : (
        <div class="spark">
          <Histogram
            label={`${name}: recent against training, ${bins.length} bins`}
            bins={bins.map(({ label, reference, current }) => ({ label, value: current, reference }))}
            height={36}
          />
        </div>
      ),
  },
  {
    id: 'more',
    title: 'Missing, new',
    cell: ({ missing, newCategories }) => (
      <>
        {missingWords(missing) ?? null}
        {newCategories.length === 0 ? null : (
          <div title={newWords(newCategories)}>new: {newWords(newCategories.slice(0, 3))}</div>
        )}
      </>
    ),
  },
];
const JUDGED = columnsOf(true);
const UNJUDGED = columnsOf(false);
