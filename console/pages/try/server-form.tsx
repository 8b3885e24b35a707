import { useEffect, useRef, useState } from 'preact/hooks';
import type { BatchFile, BatchStatus } from '../../../lib/http/types.ts';
import { counted, grouped } from '../../../lib/table/counted.ts';
import { lacking, useApi } from '../../app/session.ts';
import type { FormModel } from '../../form/schema.ts';
import { path } from '../../lib/api.ts';
import { bytes, isOpen } from '../../lib/format.ts';
import { useLive } from '../../lib/load.ts';
import { Button, ErrorBox, Link, Load, Progress, Status } from '../../parts/index.ts';
import { SERVER_BYTES, startOnServer } from './server-batch.ts';

/** A file too large for this page: the platform predicts it, and this page follows. */
export function ServerForm({ form, version }: { form: FormModel; version: string | undefined }) {
  const api = useApi();
  const [file, setFile] = useState<File>();
  const [step, setStep] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [runId, setRunId] = useState<string>();
  const work = useRef<AbortController>();
  useEffect(() => () => work.current?.abort(), []);
  const start = async () => {
    const own = new AbortController();
    work.current = own;
    setError(undefined);
    setRunId(undefined);
    try {
      const given = { model: form.model, version, file: file as File, step: setStep, signal: own.signal };
      setRunId((await startOnServer(api, given)).runId);
    } catch (reason) {
      if (!own.signal.aborted) setError(reason);
    } finally {
      setStep(undefined);
    }
  };
  const tooLarge = file !== undefined && file.size > SERVER_BYTES;
  const why =
    file === undefined
      ? 'choose a file first'
      : tooLarge
        ? 'at most 200 MB'
        : file.size === 0
          ? 'the file is empty'
          : undefined;
  return (
    <div class="file">
      <section class="card" aria-label="A batch on the server">
        <p>
          A CSV or Parquet file of up to 200 MB goes to the bucket, and the platform predicts it in chunks. It
          goes on when this tab is closed: it is a run of its own.
        </p>
        <div class="line">
          <input
            type="file"
            aria-label="File for the server"
            accept=".csv,.txt,.parquet,.pq,text/csv"
            onChange={(event) => {
              setFile(event.currentTarget.files?.[0]);
              setError(undefined);
            }}
          />
          <Button
            kind="primary"
            needs="operate"
            disabled={lacking('operate') === undefined ? why : undefined}
            busyText={step ?? 'Working'}
            onClick={start}
          >
            Predict on the server
          </Button>
          {step === undefined ? null : <Button onClick={() => work.current?.abort()}>Cancel</Button>}
        </div>
        <p class="quiet" aria-live="polite">
          {step ?? (file === undefined || why === undefined ? '' : why)}
        </p>
      </section>
      {error === undefined ? null : <ErrorBox error={error} />}
      {runId === undefined ? null : <ServerBatch key={runId} model={form.model} runId={runId} />}
    </div>
  );
}

/** How a batch on the server stands, and what it left. */
export function ServerBatch({ model, runId }: { model: string; runId: string }) {
  const api = useApi();
  const at = path`/models/${model}/batch-predictions/${runId}`;
  const status = useLive((signal) => api.get<BatchStatus>(at, {}, signal), [api, at], isOpen);
  return (
    <section class="card" aria-label="Batch">
      <Load of={status}>{(found) => <Standing of={found} />}</Load>
    </section>
  );
}

function Standing({ of: batch }: { of: BatchStatus }) {
  const { rows, predicted, failed, warnings, chunks, error, result, failures } = batch;
  const done = predicted + failed;
  return (
    <>
      <div class="line">
        <Status of={batch.status} />
        <span>
          {batch.fileName} by {batch.model} {batch.version}
        </span>
        <Link to={{ view: 'run', id: batch.runId }}>its run</Link>
      </div>
      {isOpen(batch) ? (
        <Progress
          label={
            rows === undefined
              ? 'reading the file'
              : `${grouped(chunks.done)} of ${counted(chunks.total, 'chunk')}, ${grouped(done)} of ${counted(rows, 'row')}`
          }
          share={rows === undefined || rows === 0 ? 0 : done / rows}
        />
      ) : (
        <dl class="facts">
          <Fact name="Rows">{rows === undefined ? 'not known' : grouped(rows)}</Fact>
          <Fact name="Predicted">{grouped(predicted)}</Fact>
          <Fact name="Failed">{grouped(failed)}</Fact>
          <Fact name="Warnings">{grouped(warnings)}</Fact>
        </dl>
      )}
      {error === undefined ? null : (
        <div class="problem" role="alert">
          <strong>{error.message}</strong>
          <p>{error.remedy}</p>
        </div>
      )}
      <p class="line">
        {result === undefined ? null : <Download of={result} word="Download with predictions" />}
        {failures === undefined || failures.bytes === 0 ? null : (
          <Download of={failures} word="Rows that failed" />
        )}
      </p>
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Download = ({ of: { url, fileName, bytes: size }, word }: { of: BatchFile; word: string }) => (
  <a class="button" href={url} download={fileName}>
    {word} <span class="quiet">{bytes(size)}</span>
  </a>
);
