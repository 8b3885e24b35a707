import type { RunCost } from '../../../lib/pipeline/run-reports/index.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { bytes, isOpen } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { Bars, type Column, Load, Table } from '../../parts/index.ts';
import { byService, dollars } from './cost-rows.ts';
import type { Detail } from './types.ts';

type Line = RunCost['lines'][number];

const NAMES: Record<Line['service'], string> = {
  lambda: 'Lambda',
  'step-functions': 'Step Functions',
  s3: 'S3',
  dynamodb: 'DynamoDB',
};

const COLUMNS: Column<Line>[] = [
  { id: 'service', title: 'Service', cell: ({ service }) => NAMES[service] },
  { id: 'what', title: 'What', cell: ({ what }) => what },
  {
    id: 'quantity',
    title: 'Quantity',
    numeric: true,
    cell: ({ quantity, unit }) => `${quantity.toLocaleString('en', { maximumFractionDigits: 2 })} ${unit}`,
  },
  { id: 'cost', title: 'Cost', numeric: true, cell: ({ cost }) => dollars(cost) },
];

/** An estimate of what the run cost on AWS. */
export function CostTab({ run }: { run: Detail }) {
  const api = useApi();
  const cost = useLoad(
    (signal) => api.get<RunCost>(path`/runs/${run.runId}/cost`, {}, signal),
    [api, run.runId, run.status],
  );
  return (
    <Load of={cost}>
      {({ total, lines, storage, region, pricesAt, sources, assumptions, notIncluded, final }) => (
        <div class="stack">
          <section class="card">
            <p class="big numeric">{dollars(total)}</p>
            <p>
              {final
                ? 'An estimate of what this run cost on AWS'
                : 'An estimate of what it has cost until now'}
              , and <span class="numeric">{dollars(storage.perMonth)}</span> a month while its{' '}
              {bytes(storage.bytes)} of files are kept.{' '}
              {isOpen(run) ? '' : `A thousand such runs: ${dollars(total * 1_000)}.`}
            </p>
            <Bars
              label="Cost by service"
              items={byService(lines).map(({ service, cost: sum }) => ({
                name: NAMES[service],
                value: sum,
                text: dollars(sum),
              }))}
            />
          </section>
          <Table
            caption="The estimate, line by line"
            columns={COLUMNS}
            rows={lines}
            rowKey={({ service, what }) => `${service} ${what}`}
          />
          <section class="quiet">
            <p>
              Prices of {region}, as of {pricesAt}:{' '}
              {sources.map((source, i) => (
                <span key={source}>
                  {i === 0 ? '' : ', '}
                  <a href={source} rel="noreferrer">
                    {new URL(source).pathname.split('/')[1]}
                  </a>
                </span>
              ))}
              .
            </p>
            <ul class="plain">
              {assumptions.map((text) => (
                <li key={text}>Assumed: {text}.</li>
              ))}
              {notIncluded.map((text) => (
                <li key={text}>Not in it: {text}.</li>
              ))}
            </ul>
          </section>
        </div>
      )}
    </Load>
  );
}
