import { createHash } from 'node:crypto';
import { ApiClient } from '../../../bin/cli/client.ts';

/**
 * Values that name real things, by the parameter that names them: `path.id /runs/` is the `{id}` of paths below `/runs/`.
 * Without them a fuzzer asks for what there is not, and finds 404s.
 */
export interface Seeds {
  models: string[];
  versions: string[];
  aliases: string[];
  pipelines: string[];
  runs: string[];
  experiments: string[];
  experimentNames: string[];
  loggedModels: string[];
  predictions: string[];
  datasets: string[];
  uploads: string[];
  tokens: string[];
  artifacts: string[];
  proxied: string[];
  metrics: string[];
}

const unique = (values: readonly (string | undefined)[]): string[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];

/** Makes one of each thing that only callers make (MLflow's, predictions, uploads, tokens), and names what the pipelines made. */
export async function seed(url: string, token: string): Promise<Seeds> {
  const api = new ApiClient({ apiUrl: url, token, name: 'seeds' });
  const mlflow = <T>(path: string, body: object) => api.post<T>(`/api/2.0/mlflow/${path}`, body);
  const tag = { key: 'team', value: 'a' };
  const name = `by-a-client-${Math.random().toString(36).slice(2, 10)}`;
  const { experiment_id } = await mlflow<{ experiment_id: string }>('experiments/create', {
    name,
    tags: [tag],
  });
  const made = await mlflow<{ run: { info: { run_id: string } } }>('runs/create', {
    experiment_id,
    run_name: 'first',
    tags: [tag],
  });
  const { run_id } = made.run.info;
  const metrics = [0, 1, 2].map((step) => ({
    key: 'loss',
    value: 1 / (step + 1),
    timestamp: 5 + step,
    step,
  }));
  await mlflow('runs/log-batch', { run_id, metrics, params: [{ key: 'depth', value: '3' }], tags: [tag] });
  const logged = await mlflow<{ model: { info: { model_id: string } } }>('logged-models', {
    experiment_id,
    name: 'logged',
    tags: [tag],
    params: [{ key: 'depth', value: '3' }],
  });
  const proxied = `${experiment_id}/${run_id}/artifacts/notes.txt`;
  await put(`${url}/api/2.0/mlflow-artifacts/artifacts/${proxied}`, 'a note', {
    authorization: `Bearer ${token}`,
  });
  await mlflow('registered-models/create', { name, tags: [tag] });
  const source = `mlflow-artifacts:/${experiment_id}/${run_id}/artifacts/model`;
  await mlflow('model-versions/create', { name, source, run_id, tags: [tag] });
  await mlflow('registered-models/alias', { name, alias: 'challenger', version: '1' });

  const runs = await api.get<{ runs: { runId: string; metrics: Record<string, number> }[] }>('/runs');
  const [first] = runs.runs;
  const files = await api.get<{ artifacts: { path: string }[] }>(`/runs/${first?.runId ?? run_id}/artifacts`);
  const { models } = await api.get<{ models: { name: string }[] }>('/models');
  const { pipelines } = await api.get<{ pipelines: { name: string }[] }>('/pipelines');
  const { datasets } = await api.get<{ datasets: { sourceSha256: string; datasetSha256?: string }[] }>(
    '/datasets',
  );
  const { experiments } = await api.get<{ experiments: { experimentId: string; name: string }[] }>(
    '/experiments',
  );
  const spare = await api.post<{ record: { tokenId: string } }>('/tokens', { role: 'viewer', name: 'spare' });
  return {
    models: unique([...models.map((model) => model.name)]),
    versions: ['1', '2'],
    aliases: ['production', 'challenger', 'staging'],
    pipelines: pipelines.map((pipeline) => pipeline.name),
    runs: unique([run_id, ...runs.runs.map(({ runId }) => runId)]).slice(0, 6),
    experiments: unique([experiment_id, ...experiments.map(({ experimentId }) => experimentId)]).slice(0, 6),
    experimentNames: unique([name, ...experiments.map((experiment) => experiment.name)]).slice(0, 6),
    loggedModels: [logged.model.info.model_id],
    predictions: [await predicted(api)],
    datasets: unique(
      datasets.flatMap(({ sourceSha256, datasetSha256 }) => [sourceSha256, datasetSha256]),
    ).slice(0, 6),
    uploads: [await uploaded(api)],
    tokens: [spare.record.tokenId],
    artifacts: unique(files.artifacts.map(({ path }) => path)).slice(0, 6),
    proxied: [proxied],
    metrics: unique(['loss', ...Object.keys(first?.metrics ?? {})]).slice(0, 6),
  };
}

/** One logged prediction of the default model, by the example that the model's own schema gives. */
async function predicted(api: ApiClient): Promise<string> {
  const document = await api.get<{
    paths: Record<
      string,
      { post?: { requestBody?: { content: Record<string, { examples?: { row: { value: object } } }> } } }
    >;
  }>('/openapi.json');
  const body = document.paths['/predict']?.post?.requestBody?.content['application/json'];
  const answer = await api.post<{ requestId: string }>('/predict', body?.examples?.row.value ?? {});
  return answer.requestId;
}

/** A small CSV whose bytes are there, so that a pipeline can be given it. */
async function uploaded(api: ApiClient): Promise<string> {
  const csv = Buffer.from('area,age,price\n120,3,360\n80,40,180\n');
  const sha256 = createHash('sha256').update(csv).digest('hex');
  const opened = await api.post<{ uploadId: string; url: string; headers: Record<string, string> }>(
    '/data/uploads',
    {
      fileName: 'rows.csv',
      bytes: csv.length,
      sha256,
    },
  );
  await put(opened.url, csv, opened.headers);
  return opened.uploadId;
}

async function put(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body, headers });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
}
