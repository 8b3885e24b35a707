import type { ModelVersion, RegisteredModel } from '../../../lib/tracking/types.ts';
import { bytes } from '../../lib/format.ts';
import { Badge, Button, type Column, DataBadge, Empty, Link, Table, Time } from '../../parts/index.ts';
import { Metrics } from './list.tsx';

/** The aliases that a version holds, and its stage where that says more. */
export function Marks({ model, version }: { model: RegisteredModel; version: ModelVersion }) {
  const held = Object.entries(model.aliases).filter(([, holder]) => holder === version.version);
  const isPlain = version.stage === 'None' || version.stage === 'Production';
  return (
    <>
      {held.map(([alias]) => (
        <Badge key={alias} tone="good">
          {alias}
        </Badge>
      ))}
      {isPlain ? null : <Badge tone={version.stage === 'Staging' ? 'note' : 'plain'}>{version.stage}</Badge>}
    </>
  );
}

interface Props {
  model: RegisteredModel;
  versions: readonly ModelVersion[];
  /** The one that the address asks for. */
  chosen: string | undefined;
  onPromote: (version: string) => void;
}

/** Versions, newest first, each with what can be done with it. */
export function Versions({ model, versions, chosen, onPromote }: Props) {
  const columns: Column<ModelVersion>[] = [
    {
      id: 'version',
      title: 'Version',
      cell: (one) => (
        <span class="line">
          <strong>{one.version}</strong>
          <Marks model={model} version={one} />
        </span>
      ),
    },
    { id: 'metrics', title: 'Metrics', cell: ({ metrics }) => <Metrics of={metrics} most={3} /> },
    {
      id: 'algorithm',
      title: 'Algorithm',
      cell: ({ algorithm, source }) =>
        algorithm ?? (
          <Badge title={`Arboleda keeps it and does not run it. ${source ?? ''}`.trim()}>MLflow model</Badge>
        ),
    },
    { id: 'data', title: 'Data', cell: ({ tags }) => <DataBadge tags={tags} /> },
    {
      id: 'size',
      title: 'Size',
      numeric: true,
      cell: ({ sizeBytes }) => (sizeBytes === undefined ? null : bytes(sizeBytes)),
    },
    {
      id: 'run',
      title: 'Run',
      cell: ({ runId }) =>
        runId === undefined ? null : (
          <Link to={{ view: 'run', id: runId }} class="mono">
            {runId.slice(0, 8)}
          </Link>
        ),
    },
    { id: 'made', title: 'Made', cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      id: 'actions',
      title: '',
      cell: (one) => (
        <span class="line actions">
          {one.modelKey === undefined ? null : (
            <Link to={{ view: 'try', model: model.name, version: one.version }}>Try it</Link>
          )}
          {model.aliases.production === one.version ? null : (
            <Button needs="operate" onClick={() => onPromote(one.version)}>
              <span>
                Promote<span class="unseen"> version {one.version}</span>…
              </span>
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <Table
      caption={`Versions of ${model.name}, newest first`}
      columns={columns}
      rows={versions}
      rowKey={({ version }) => version}
      {...(chosen === undefined ? {} : { selected: new Set([chosen]) })}
      empty={<Empty title="No versions yet" />}
    />
  );
}
