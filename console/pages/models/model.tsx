import { useState } from 'preact/hooks';
import type { Split } from '../../../lib/tracking/splits/types.ts';
import type { ModelVersion, RegisteredModel } from '../../../lib/tracking/types.ts';
import type { PlaceOf } from '../../address.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { type Loaded, useLoad } from '../../lib/load.ts';
import { Button, DataBadge, Link, Load, Skeleton, Time } from '../../parts/index.ts';
import { type Change, ChangeDialog } from './change.tsx';
import { History } from './history.tsx';
import { Metrics } from './list.tsx';
import { SplitCard } from './split.tsx';
import { SplitForm } from './split-form.tsx';
import { Versions } from './versions.tsx';

interface Page {
  versions: ModelVersion[];
  cursor?: string;
}
interface Known {
  model: RegisteredModel;
  page: Page;
}

/** One model: what is in production and who put it there, its traffic, its versions, its history. */
export function ModelPage({ place: { name, version } }: { place: PlaceOf<'model'> }) {
  const api = useApi();
  const [older, setOlder] = useState<Page>();
  const known = useLoad<Known>(
    async (signal) => {
      setOlder(undefined);
      const [model, page] = await Promise.all([
        api.get<RegisteredModel>(path`/models/${name}`, {}, signal),
        api.get<Page>(path`/models/${name}/versions`, { limit: 50 }, signal),
      ]);
      return { model, page };
    },
    [name],
  );
  const split = useLoad(
    (signal) => api.get<{ split: Split | null }>(path`/models/${name}/split`, {}, signal),
    [name],
  );
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>{name}</h1>
        {known.error !== undefined && known.data === undefined ? null : (
          <>
            <Link to={{ view: 'try', model: name }} class="button">
              Try it
            </Link>
            <Link to={{ view: 'health', model: name }} class="button">
              Health
            </Link>
          </>
        )}
      </div>
      <Load of={known}>
        {({ model, page }) => {
          const last = older ?? page;
          const versions = [...page.versions, ...(older?.versions ?? [])];
          const more = async () => {
            const at = path`/models/${name}/versions`;
            const next = await api.get<Page>(at, { limit: 50, cursor: last.cursor });
            setOlder({ ...next, versions: [...(older?.versions ?? []), ...next.versions] });
          };
          return (
            <Standing
              model={model}
              split={split}
              versions={versions}
              chosen={version}
              onDone={() => Promise.all([known.refresh(), split.refresh()])}
              {...(last.cursor === undefined ? {} : { more })}
            />
          );
        }}
      </Load>
    </>
  );
}

interface StandingProps {
  model: RegisteredModel;
  split: Loaded<{ split: Split | null }>;
  versions: readonly ModelVersion[];
  chosen: string | undefined;
  onDone: () => Promise<unknown>;
  more?: () => Promise<void>;
}

function Standing({ model, split: divided, versions, chosen, onDone, more }: StandingProps) {
  const [change, setChange] = useState<Change>();
  const [isSplitting, setSplitting] = useState(false);
  const [revision, setRevision] = useState(0);
  const split = divided.data?.split ?? null;
  const champion = model.aliases.production;
  const promote = (to: string) => {
    const arm = split?.state === 'running' && split.arms.some(({ version }) => version === to);
    setChange({ kind: 'promote', to, ...(arm && { ofSplit: split.revision }) });
  };
  const done = async () => {
    await onDone();
    setRevision(revision + 1);
  };
  return (
    <>
      {model.description === undefined ? null : <p class="model-lead">{model.description}</p>}
      <div class="standing">
        <Champion
          model={model}
          version={versions.find(({ version }) => version === champion)}
          onRollback={(to) => setChange({ kind: 'rollback', to })}
        />
        <section class="card" aria-labelledby="traffic">
          <h2 id="traffic">Traffic</h2>
          <Load of={divided} skeleton={<Skeleton rows={3} />}>
            {() => (
              <SplitCard
                name={model.name}
                champion={champion}
                split={split}
                onEdit={() => setSplitting(true)}
                onPromote={promote}
                onDone={done}
              />
            )}
          </Load>
        </section>
      </div>
      <section aria-labelledby="versions">
        <h2 id="versions">Versions</h2>
        {model.policy.requireStaging ? <p class="quiet">Only a version in Staging may be promoted.</p> : null}
        <Versions model={model} versions={versions} chosen={chosen} onPromote={promote} />
        {more === undefined ? null : (
          <div class="tools below">
            <Button onClick={more}>Older versions</Button>
          </div>
        )}
      </section>
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        <History name={model.name} revision={revision} />
      </section>
      {change === undefined ? null : (
        <ChangeDialog
          model={model}
          change={change}
          splits={split?.state === 'running'}
          onDone={done}
          onClose={() => setChange(undefined)}
        />
      )}
      {isSplitting && champion !== undefined ? (
        <SplitForm
          name={model.name}
          champion={champion}
          versions={versions}
          split={split}
          onDone={done}
          onClose={() => setSplitting(false)}
        />
      ) : null}
    </>
  );
}

interface ChampionProps {
  model: RegisteredModel;
  /** Undefined where it is older than those that were read. */
  version: ModelVersion | undefined;
  onRollback: (to: string) => void;
}

function Champion({ model, version, onRollback }: ChampionProps) {
  const held = model.aliases.production;
  const back = model.previous?.production;
  const others = Object.entries(model.aliases).filter(([alias]) => alias !== 'production');
  return (
    <section class="card" aria-labelledby="production">
      <h2 id="production">In production</h2>
      {held === undefined ? (
        <p class="quiet">No version is promoted yet. Choose one below.</p>
      ) : (
        <p class="line">
          <strong class="big">version {held}</strong>
          {version === undefined ? null : (
            <>
              <span>{version.algorithm}</span>
              <DataBadge tags={version.tags} />
              <span class="quiet">
                made <Time at={version.createdAt} />
              </span>
            </>
          )}
        </p>
      )}
      {version === undefined ? null : <Metrics of={version.metrics} most={4} />}
      {others.length === 0 ? null : (
        <p class="quiet">{others.map(([alias, number]) => `${alias}: version ${number}`).join(', ')}</p>
      )}
      <div class="line">
        <Button
          needs="operate"
          disabled={back === undefined ? 'No other version was in production before' : undefined}
          onClick={() => back !== undefined && onRollback(back)}
        >
          {back === undefined ? 'Roll back…' : `Roll back to version ${back}…`}
        </Button>
      </div>
    </section>
  );
}
