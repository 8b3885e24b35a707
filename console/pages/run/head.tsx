import { useState } from 'preact/hooks';
import { dataKind } from '../../../lib/tracking/data-kind.ts';
import type { RegisteredModel, Stage } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { isOpen, ran } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { now } from '../../lib/now.ts';
import { Badge, Button, Confirm, DataBadge, Link, Progress, Status, Time, toast } from '../../parts/index.ts';
import { CompareDialog } from './dialogs/compare.tsx';
import { RegisterDialog } from './dialogs/register.tsx';
import { ReproduceDialog } from './dialogs/reproduce.tsx';
import { progressLabel } from './progress-label.ts';
import { type Detail, PARENT } from './types.ts';

type Asked = 'register' | 'reproduce' | 'compare' | 'cancel';

/** What the run is, how it stands, and what can be done with it. */
export function Head({
  run,
  refresh,
  onRerun,
}: {
  run: Detail;
  refresh: () => Promise<void>;
  onRerun: ((from: Stage) => void) | undefined;
}) {
  const api = useApi();
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const isMine = run.pipeline !== undefined && run.tags[PARENT] === undefined;
  const isFailed = run.status === 'FAILED' || run.status === 'KILLED';
  const hasModel = run.stages.some(({ stage, outputs }) => stage === 'evaluate' && 'modelSha256' in outputs);
  const retry = async () => {
    const started = await api.post<{ attempt: number }>(path`/runs/${run.runId}/retry`, {});
    toast(`Attempt ${started.attempt} has started`);
    await refresh();
  };
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>
          {run.pipeline ?? run.name} <span class="quiet mono">{run.runId.slice(0, 8)}</span>
        </h1>
        <Status of={run.status} />
        {dataKind(run.tags) === undefined ? null : <DataBadge tags={run.tags} />}
        <span class="space" />
        <div class="run-actions">
          {isMine && isOpen(run) ? (
            <Button needs="operate" kind="danger" onClick={() => setAsked('cancel')}>
              Cancel
            </Button>
          ) : null}
          {isMine && isFailed ? (
            <Button needs="operate" kind="primary" busyText="Starting" onClick={retry}>
              Retry from {run.error?.stage ?? 'where it stopped'}
            </Button>
          ) : null}
          {onRerun && !isFailed ? (
            <Button needs="operate" onClick={() => onRerun('ingest')}>
              Run again
            </Button>
          ) : null}
          <Button onClick={() => setAsked('compare')}>Compare</Button>
          {isMine ? (
            <>
              <Button
                needs="operate"
                disabled={
                  isOpen(run) ? 'The run goes on' : hasModel ? undefined : 'No model was selected in it'
                }
                onClick={() => setAsked('register')}
              >
                Register
              </Button>
              <Button
                disabled={run.status === 'FINISHED' ? undefined : 'Only a finished run can be done again'}
                onClick={() => setAsked('reproduce')}
              >
                Reproduce
              </Button>
            </>
          ) : null}
        </div>
      </div>
      <Facts run={run} />
      {run.progress !== undefined && isOpen(run) ? (
        <Progress label={progressLabel(run.progress, run.tags)} share={run.progress.share} />
      ) : null}
      {run.error === undefined ? null : (
        <div class="problem" role="alert">
          <strong>
            {run.error.stage}: {run.error.message}
          </strong>
          <p>{run.error.remedy}</p>
          <p class="quiet mono">{run.error.code}</p>
        </div>
      )}
      {asked === 'register' ? <RegisterDialog run={run} onClose={close} onDone={refresh} /> : null}
      {asked === 'reproduce' ? <ReproduceDialog run={run} onClose={close} /> : null}
      {asked === 'compare' ? <CompareDialog run={run} onClose={close} /> : null}
      {asked === 'cancel' ? (
        <Confirm
          title="Cancel this run?"
          action="Cancel the run"
          needs="operate"
          danger
          run={async () => {
            await api.post(path`/runs/${run.runId}/cancel`, {});
            toast('The run was asked to stop');
            await refresh();
          }}
          onClose={close}
        >
          <p>What its stages have written stays. A cancelled run can be retried from where it stopped.</p>
        </Confirm>
      ) : null}
    </>
  );
}

function Facts({ run }: { run: Detail }) {
  const parent = run.tags[PARENT];
  const { 'model.name': model, 'model.version': version, 'data.rows': rows } = run.tags;
  return (
    <dl class="facts run-facts">
      {model !== undefined && version !== undefined ? (
        <div>
          <dt>Version</dt>
          <dd>
            <Link to={{ view: 'model', name: model, version }}>
              {model} {version}
            </Link>{' '}
            <Aliases model={model} version={version} />
          </dd>
        </div>
      ) : null}
      <div>
        <dt>Started</dt>
        <dd>
          <Time at={run.startTime} />
          {run.trigger === undefined ? null : <span class="quiet"> by {TRIGGERS[run.trigger]}</span>}
        </dd>
      </div>
      <div>
        <dt>{isOpen(run) ? 'Running for' : 'Took'}</dt>
        <dd>{ran(run, now.value)}</dd>
      </div>
      {rows === undefined ? null : (
        <div>
          <dt>Rows</dt>
          <dd>{Number(rows).toLocaleString('en')}</dd>
        </div>
      )}
      {run.attempt === 1 ? null : (
        <div>
          <dt>Attempt</dt>
          <dd>{run.attempt}</dd>
        </div>
      )}
      {parent === undefined ? null : (
        <div>
          <dt>Part of</dt>
          <dd>
            <Link to={{ view: 'run', id: parent }}>run {parent.slice(0, 8)}</Link>
          </dd>
        </div>
      )}
      {run.basedOn === undefined ? null : (
        <div>
          <dt>From {run.from}, on the results of</dt>
          <dd>
            <Link to={{ view: 'run', id: run.basedOn }}>run {run.basedOn.slice(0, 8)}</Link>
          </dd>
        </div>
      )}
      <div>
        <dt>Run</dt>
        <dd class="mono">{run.runId}</dd>
      </div>
    </dl>
  );
}

const TRIGGERS = { caller: 'a caller', schedule: 'the schedule', event: 'an event' };

/** What the version holds now, which may be another than when the run ended. */
function Aliases({ model, version }: { model: string; version: string }) {
  const api = useApi();
  const found = useLoad(
    (signal) => api.get<RegisteredModel>(path`/models/${model}`, {}, signal),
    [api, model],
  );
  return (
    <>
      {Object.entries(found.data?.aliases ?? {})
        .filter(([, held]) => held === version)
        .map(([alias]) => (
          <Badge key={alias} tone="good">
            {alias}
          </Badge>
        ))}
    </>
  );
}
