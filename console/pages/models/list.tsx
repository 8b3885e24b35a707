import type { ModelVersion, RegisteredModel } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { chief } from '../../lib/metrics.ts';
import { go } from '../../lib/router.ts';
import { Badge, type Column, DataBadge, Empty, Link, Load, Table, Time } from '../../parts/index.ts';

/** A model and the version of it that answers. */
interface Listed extends RegisteredModel {
  champion: ModelVersion | undefined;
}

/** The registered models, each with what is in production. */
export function ModelsPage() {
  const api = useApi();
  const models = useLoad(async (signal) => {
    const { models } = await api.get<{ models: RegisteredModel[] }>('/models', { limit: 200 }, signal);
    return Promise.all(
      models.map(async (model): Promise<Listed> => {
        const { production } = model.aliases;
        if (production === undefined) return { ...model, champion: undefined };
        const at = path`/models/${model.name}/versions/${production}`;
        // One version that cannot be read does not hide the list.
        const champion = await api.get<ModelVersion>(at, {}, signal).catch(() => undefined);
        return { ...model, champion };
      }),
    );
  }, []);
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
  { id: 'metrics', title: 'Metrics', cell: ({ champion }) => <Metrics of={champion?.metrics ?? {}} /> },
  { id: 'algorithm', title: 'Algorithm', cell: ({ champion }) => champion?.algorithm },
  {
    id: 'data',
    title: 'Data',
    cell: ({ champion }) => (champion === undefined ? null : <DataBadge tags={champion.tags} />),
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
