import type { ModelVersion, RegisteredModel } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { useLoad } from '../../lib/load.ts';
import { chief } from '../../lib/metrics.ts';
import { go } from '../../lib/router.ts';
import { Badge, type Column, DataBadge, Empty, Link, Load, Table, Time } from '../../parts/index.ts';

/** A model and the version of it that answers. */
interface Listed extends RegisteredModel {
  production?: ModelVersion;
}

/** The registered models, each with what is in production. */
export function ModelsPage() {
  const api = useApi();
  const models = useLoad(
    async (signal) =>
      (await api.get<{ models: Listed[] }>('/models', { limit: 200, include: 'production' }, signal)).models,
    [],
  );
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>Models</h1>
      </div>
      <Load of={models}>
        {(rows) => (
          <Table
            caption="Registered models"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ name }) => name}
            onOpen={({ name }) => go({ view: 'model', name })}
            empty={
              <Empty title="No models yet">
                <p>
                  A run of a pipeline registers one: <code>npx arboleda run PIPELINE --wait</code>
                </p>
              </Empty>
            }
          />
        )}
      </Load>
    </>
  );
}

const COLUMNS: Column<Listed>[] = [
  {
    id: 'name',
    title: 'Model',
    cell: ({ name, description }) => (
      <>
        <Link to={{ view: 'model', name }}>{name}</Link>
        {description === undefined ? null : <div class="quiet">{description}</div>}
      </>
    ),
  },
  {
    id: 'production',
    title: 'In production',
    cell: ({ aliases }) =>
      aliases.production === undefined ? (
        <span class="quiet">none yet</span>
      ) : (
        <Badge tone="good">version {aliases.production}</Badge>
      ),
  },
  { id: 'metrics', title: 'Metrics', cell: ({ production }) => <Metrics of={production?.metrics ?? {}} /> },
  { id: 'algorithm', title: 'Algorithm', cell: ({ production }) => production?.algorithm },
  {
    id: 'data',
    title: 'Data',
    cell: ({ production }) => (production === undefined ? null : <DataBadge tags={production.tags} />),
  },
  {
    id: 'versions',
    title: 'Newest',
    numeric: true,
    // A registered model that has no version yet counts from 0.
    cell: ({ latestVersion }) => (Number(latestVersion) === 0 ? null : latestVersion),
  },
  {
    id: 'changed',
    title: 'Changed',
    cell: ({ lastUpdated, createdAt }) => <Time at={lastUpdated ?? createdAt} />,
  },
  {
    id: 'try',
    title: '',
    cell: ({ name, aliases }) =>
      aliases.production === undefined ? null : (
        <span class="line actions">
          <Link to={{ view: 'try', model: name }}>Try it</Link>
        </span>
      ),
  },
];

/** The chief figures, name and value. */
export function Metrics({ of, most = 2 }: { of: Record<string, number>; most?: number }) {
  const shown = chief(of, most);
  if (shown.length === 0) return <span class="quiet">–</span>;
  return (
    <ul class="metrics">
      {shown.map(([name, value]) => (
        <li key={name}>
          <span class="quiet">{name}</span> {value}
        </li>
      ))}
    </ul>
  );
}
