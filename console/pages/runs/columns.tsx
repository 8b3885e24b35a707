import { grouped } from '../../../lib/table/counted.ts';
import type { RegisteredModel } from '../../../lib/tracking/types.ts';
import { figure, isOpen, ran } from '../../lib/format.ts';
import { now } from '../../lib/now.ts';
import { Badge, type Column, DataBadge, Link, Progress, Status, Time } from '../../parts/index.ts';
import { FACTS, type Fact } from './choice.ts';
import { isOwnTag, type Row } from './row.ts';
import type { Detail } from './use-runs.ts';

/** By model, alias to version: what is served now, which may be another than a run was promoted to. */
export type Aliases = ReadonlyMap<string, Record<string, string>>;

export interface Surroundings {
  details: ReadonlyMap<string, Detail>;
  aliases: Aliases;
  /** Names of experiments, by id. */
  experiments: ReadonlyMap<string, string>;
  onTag: (name: string, value: string) => void;
}

/** The columns of the ids, in their order; those of metrics, params and tags order the table. */
export const columnsOf = (ids: readonly string[], around: Surroundings): Column<Row>[] =>
  ids.map((id) => (id in FACTS ? factColumn(id as Fact, around) : valueColumn(id)));

function valueColumn(id: string): Column<Row> {
  const dot = id.indexOf('.');
  const [group, name] = [id.slice(0, dot) as 'metrics' | 'params' | 'tags', id.slice(dot + 1)];
  const isMetric = group === 'metrics';
  return {
    id,
    title: name,
    sortable: true,
    numeric: isMetric,
    width: isMetric ? Math.min(14, Math.max(6, name.length * 0.5 + 2)) : 10,
    cell: (row) => {
      const value = row[group][name];
      if (value === undefined) return <span class="none quiet">–</span>;
      if (typeof value === 'number') return <span title={String(value)}>{figure(value)}</span>;
      return <span title={value}>{value}</span>;
    },
  };
}

function factColumn(id: Fact, around: Surroundings): Column<Row> {
  const title = FACTS[id];
  switch (id) {
    case 'run':
      return { id, title, width: 14, sortable: true, cell: (row) => <RunName row={row} around={around} /> };
    case 'status':
      return {
        id,
        title,
        width: 8,
        sortable: true,
        cell: (row) => <Working row={row} detail={around.details.get(row.runId)} />,
      };
    case 'data':
      return { id, title, width: 7.75, cell: ({ tags }) => <DataBadge tags={tags} /> };
    case 'version':
      return { id, title, width: 14, cell: ({ tags }) => <Version tags={tags} aliases={around.aliases} /> };
    case 'tags':
      return { id, title, width: 7.5, cell: ({ tags }) => <Tags tags={tags} onTag={around.onTag} /> };
    case 'started':
      return {
        id,
        title,
        width: 6.5,
        sortable: true,
        numeric: true,
        cell: ({ startTime }) => <Time at={startTime} />,
      };
    case 'took':
      return { id, title, width: 6.75, numeric: true, cell: (row) => <Took row={row} /> };
  }
}

function RunName({ row, around }: { row: Row; around: Surroundings }) {
  const { runId, name, parent, pipeline, experimentId } = row;
  const group = pipeline ?? around.experiments.get(experimentId);
  // A pipeline names its runs by its own name and the beginning of the id; a client gives a name that says something.
  const isPlain = group !== undefined && name === `${group}-${runId.slice(0, 8)}`;
  return (
    <Link to={{ view: 'run', id: runId }} title={`${name}, ${runId}`}>
      {parent === undefined ? null : <span class="quiet">candidate </span>}
      {isPlain ? group : name} <span class="quiet mono">{runId.slice(0, 8)}</span>
    </Link>
  );
}

/** Its status; of a run at work how far it is, in the same room. */
function Working({ row, detail }: { row: Row; detail: Detail | undefined }) {
  if (!isOpen(row) || detail === undefined) return <Status of={row.status} />;
  const { stages, progress } = detail;
  const at = stages.filter(({ status }) => status === 'RUNNING').at(-1)?.stage ?? stages.at(-1)?.stage;
  if ((at === 'train' || at === 'predict') && progress !== undefined) {
    const label = `${at} ${grouped(progress.done)} of ${grouped(progress.total)}`;
    return <Progress label={label} share={progress.share} />;
  }
  return (
    <>
      <Status of={row.status} /> <span class="quiet">{at}</span>
    </>
  );
}

/** A run at work takes longer as time moves; one that has ended does not look at the clock. */
const Took = ({ row }: { row: Row }) => <>{ran(row, isOpen(row) ? now.value : 0)}</>;

function Version({ tags, aliases }: { tags: Record<string, string>; aliases: Aliases }) {
  const [name, version] = [tags['model.name'], tags['model.version']];
  if (name === undefined || version === undefined) return <span class="none quiet">–</span>;
  const held = Object.entries(aliases.get(name) ?? {}).filter(([, of]) => of === version);
  return (
    <>
      <Link to={{ view: 'model', name, version }}>
        {name} {version}
      </Link>{' '}
      {held.map(([alias]) => (
        <Badge key={alias} tone="good">
          {alias}
        </Badge>
      ))}
    </>
  );
}

/** Tags of people; a click asks for the runs that have the same. */
function Tags({
  tags,
  onTag,
}: {
  tags: Record<string, string>;
  onTag: (name: string, value: string) => void;
}) {
  const own = Object.entries(tags).filter(([name]) => isOwnTag(name));
  if (own.length === 0) return null;
  return (
    <span class="tags">
      {own.map(([name, value]) => (
        <button
          key={name}
          type="button"
          class="badge tag"
          title={`Only runs with ${name} = ${value}`}
          onClick={() => onTag(name, value)}
        >
          {value === '' ? name : `${name} ${value}`}
        </button>
      ))}
    </span>
  );
}

export const aliasesOf = (models: readonly RegisteredModel[]): Aliases =>
  new Map(models.map(({ name, aliases }) => [name, aliases]));
