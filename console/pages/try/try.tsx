import { useId, useState } from 'preact/hooks';
import type { ModelVersion, RegisteredModel } from '../../../lib/tracking/types.ts';
import type { PlaceOf } from '../../address.ts';
import { lacking, useApi } from '../../app/session.ts';
import type { FormModel } from '../../form/schema.ts';
import { Problem, path } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { go } from '../../lib/router.ts';
import { DataBadge, Empty, Link, Load, Tabs } from '../../parts/index.ts';
import type { Answer } from './answer.ts';
import { FileForm } from './file-form.tsx';
import { Latest } from './latest.tsx';
import { RowForm } from './row-form.tsx';
import { ServerForm } from './server-form.tsx';

/** A model that can be asked, and the version of it in production. */
interface Served {
  name: string;
  version: string | undefined;
}

const MOST = { limit: 500 };

/** A form for each model: one row typed in, or a whole file. */
export function TryPage({ place: { model, version } }: { place: PlaceOf<'try'> }) {
  const api = useApi();
  // Who may not read the registry learns what is in production, which is all that answers.
  const served = useLoad<Served[]>(async (signal) => {
    if (lacking('read') !== undefined) {
      return (await api.get<{ models: Served[] }>('/me/models', MOST, signal)).models;
    }
    const { models } = await api.get<{ models: RegisteredModel[] }>('/models', MOST, signal);
    return models.map(({ name, aliases }) => ({ name, version: aliases.production }));
  }, []);
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>Try it</h1>
      </div>
      <Load of={served}>
        {(models) => {
          const chosen = model ?? (models.find((one) => one.version !== undefined) ?? models[0])?.name;
          if (chosen === undefined) {
            return (
              <Empty title="No models yet">
                <p>
                  A run of a pipeline makes one: <code>npx arboleda run PIPELINE --wait</code>
                </p>
              </Empty>
            );
          }
          return <Chosen key={`${chosen} ${version}`} models={models} name={chosen} version={version} />;
        }}
      </Load>
    </>
  );
}

function Chosen({
  models,
  name,
  version,
}: {
  models: readonly Served[];
  name: string;
  version: string | undefined;
}) {
  const api = useApi();
  const id = useId();
  const mayRead = lacking('read') === undefined;
  const [tab, setTab] = useState('row');
  const [count, setCount] = useState(0);
  const form = useLoad(
    (signal) => api.get<FormModel>(path`/models/${name}/schema`, { version }, signal),
    [name, version],
  );
  const at = path`/models/${name}/predict`;
  const send = async (row: Record<string, unknown>, explain: boolean): Promise<Answer> => {
    if (!explain) return api.post<Answer>(at, row, { version });
    try {
      return await api.post<Answer>(at, row, { version, explain: 'true' });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'NOT_EXPLAINABLE') throw error;
      // Nothing was predicted then: the answer without its reasons is better than none.
      return { ...(await api.post<Answer>(at, row, { version })), unexplained: error.message };
    }
  };
  return (
    <>
      <div class="tools">
        <span class="chooser">
          <label for={`${id}-model`}>Model</label>
          <select
            id={`${id}-model`}
            value={name}
            onChange={(event) => go({ view: 'try', model: event.currentTarget.value })}
          >
            {models.some((one) => one.name === name) ? null : <option value={name}>{name}</option>}
            {models.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name}
              </option>
            ))}
          </select>
        </span>
        {mayRead ? (
          <VersionChooser
            name={name}
            version={version}
            production={models.find((one) => one.name === name)?.version}
          />
        ) : null}
        {form.data === undefined ? null : (
          <>
            <span class="quiet">
              version {form.data.version}, predicts {form.data.target}
            </span>
            <DataBadge tags={form.data.tags} />
          </>
        )}
        {mayRead ? <Link to={{ view: 'model', name }}>About this model</Link> : null}
      </div>
      <Load of={form}>
        {(found) => (
          <Tabs
            label="What to predict"
            tabs={[
              { id: 'row', title: 'One row' },
              { id: 'file', title: 'A file' },
              ...(mayRead ? [{ id: 'server', title: 'A large file' }] : []),
            ]}
            chosen={tab}
            onChoose={setTab}
          >
            {tab === 'row' ? (
              <RowForm form={found} version={version} send={send} onAnswer={() => setCount(count + 1)} />
            ) : tab === 'file' ? (
              <FileForm form={found} onDone={() => setCount(count + 1)} />
            ) : (
              <ServerForm form={found} version={version} />
            )}
          </Tabs>
        )}
      </Load>
      {mayRead && form.data !== undefined ? <Latest model={name} count={count} /> : null}
    </>
  );
}

function VersionChooser({
  name,
  version,
  production,
}: {
  name: string;
  version: string | undefined;
  production: string | undefined;
}) {
  const api = useApi();
  const id = useId();
  const versions = useLoad(
    (signal) => api.get<{ versions: ModelVersion[] }>(path`/models/${name}/versions`, { limit: 100 }, signal),
    [name],
  );
  const numbers = versions.data?.versions.filter(({ modelKey }) => modelKey !== undefined) ?? [];
  const isListed = version === undefined || numbers.some((one) => one.version === version);
  return (
    <span class="chooser">
      <label for={id}>Who answers</label>
      <select
        id={id}
        value={version ?? ''}
        onChange={({ currentTarget: { value } }) =>
          go({ view: 'try', model: name, ...(value === '' ? {} : { version: value }) })
        }
      >
        <option value="">
          production ({production === undefined ? 'none yet' : `version ${production}`})
        </option>
        {isListed ? null : <option value={version}>version {version}</option>}
        {numbers.map((one) => (
          <option key={one.version} value={one.version}>
            version {one.version}
          </option>
        ))}
      </select>
    </span>
  );
}
