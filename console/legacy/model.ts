import type { ListedPrediction, ModelVersion, RegisteredModel } from '../../lib/tracking/types.ts';
import { hashOf } from '../address.ts';
import { type FormModel, modelsOf, type OpenApi } from '../form/openapi.ts';
import { Problem, path } from '../lib/api.ts';
import { bytes, percent } from '../lib/format.ts';
import { type Child, h, listen, table } from './dom.ts';
import { predictForm } from './form.ts';
import { aliasBadges, dataBadge, metricList, problemBox, time } from './parts.ts';
import { answerText } from './prediction.ts';
import type { View, ViewContext } from './view.ts';

/** One model: a form made from the rows that it takes, what it answers, what it answered before, and its versions. */
export async function modelView(context: ViewContext, name: string, version?: string): Promise<View> {
  const { api, signal } = context;
  const [known, model] = await Promise.all([about(context, name), formModel(context, name, version)]);
  const past = h('div');
  const showPast = async () => {
    const { predictions } = await api.get<{ predictions: ListedPrediction[] }>(
      '/predictions',
      { model: name, limit: 10 },
      signal,
    );
    past.replaceChildren(
      predictions.length === 0
        ? h('p', { class: 'quiet' }, 'None yet.')
        : pastTable(predictions, context.now()),
    );
  };
  const content: Node[] = [];
  if (known !== undefined) content.push(h('div', { class: 'tools' }, chooser(context, known, version)));
  if (model instanceof Problem) content.push(problemBox(model));
  else {
    const send = (row: Record<string, unknown>) => api.post(path`/models/${name}/predict`, row, { version });
    // The index that lists predictions follows the table within moments.
    const afterwards = () => {
      if (known !== undefined) setTimeout(() => void showPast().catch(() => undefined), 400);
    };
    content.push(predictForm({ model, send, afterwards, heading: headingOf(model, known) }));
  }
  if (known !== undefined) {
    await showPast();
    content.push(
      h('section', { class: 'card wide' }, h('h2', {}, 'Latest predictions'), past),
      h('section', { class: 'card wide' }, h('h2', {}, 'Versions'), versionTable(known, context.now())),
    );
  }
  return { title: name, content };
}

interface Known {
  model: RegisteredModel;
  versions: ModelVersion[];
}

/** Undefined for a token that may predict only. */
async function about({ api, signal }: ViewContext, name: string): Promise<Known | undefined> {
  try {
    const [model, { versions }] = await Promise.all([
      api.get<RegisteredModel>(path`/models/${name}`, {}, signal),
      api.get<{ versions: ModelVersion[] }>(path`/models/${name}/versions`, { limit: 50 }, signal),
    ]);
    return { model, versions };
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return undefined;
    throw error;
  }
}

/** The rows of the version that is to predict; a Problem where none can, which is no reason not to show the rest. */
async function formModel(
  { api, signal }: ViewContext,
  name: string,
  version?: string,
): Promise<FormModel | Problem> {
  try {
    return await api.get<FormModel>(path`/models/${name}/schema`, { version }, signal);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status !== 403) return error;
    const found = modelsOf(await api.get<OpenApi>('/openapi.json', {}, signal)).find(
      ({ model }) => model === name,
    );
    return found ?? error;
  }
}

const headingOf = (model: FormModel, known: Known | undefined): Child => [
  h('h2', {}, `Predict ${model.target}`),
  h(
    'p',
    { class: 'line' },
    h('span', { class: 'quiet' }, `version ${model.version}`),
    known === undefined ? null : aliasBadges(known.model.aliases, model.version),
    model.tags === undefined ? null : dataBadge(model.tags),
  ),
];

function chooser(context: ViewContext, { model, versions }: Known, chosen: string | undefined): HTMLElement {
  const select = h(
    'select',
    { id: 'version' },
    h(
      'option',
      { value: '' },
      model.aliases.production === undefined
        ? 'production (none yet)'
        : `production (version ${model.aliases.production})`,
    ),
    versions.map(({ version }) =>
      h('option', { value: version, selected: version === chosen }, `version ${version}`),
    ),
  );
  listen(select, 'change', () =>
    context.go({
      view: 'model',
      name: model.name,
      ...(select.value === '' ? {} : { version: select.value }),
    }),
  );
  return h('div', { class: 'choice' }, h('label', { for: 'version' }, 'Who answers'), select);
}

/** A version that an MLflow client registered: kept and given out, not run here. */
const foreign = ({ source }: { source?: string }): HTMLElement =>
  h('span', { class: 'badge', title: `Arboleda does not run it. ${source ?? ''}`.trim() }, 'MLflow model');

const versionTable = ({ model, versions }: Known, now: number): HTMLElement =>
  table(
    'Versions, newest first',
    ['Version', 'Algorithm', 'Data', 'Metrics', 'Size', 'Run', 'Made'],
    versions.map((one) => [
      [
        h('a', { href: hashOf({ view: 'model', name: model.name, version: one.version }) }, one.version),
        ' ',
        aliasBadges(model.aliases, one.version),
      ],
      one.algorithm ?? foreign(one),
      dataBadge(one.tags),
      metricList(one.metrics),
      one.sizeBytes === undefined ? '' : bytes(one.sizeBytes),
      one.runId === undefined
        ? ''
        : h('a', { class: 'mono', href: hashOf({ view: 'run', id: one.runId }) }, one.runId.slice(0, 8)),
      time(one.createdAt, now),
    ]),
  );

const pastTable = (predictions: readonly ListedPrediction[], now: number): HTMLElement =>
  table(
    'Latest predictions of this model',
    ['When', 'Version', 'Prediction', 'Row'],
    predictions.map(({ at, version, count, rows, predictions: answers }) => {
      const only = count === 1 ? answers?.[0] : undefined;
      const own = only?.probabilities?.[String(only.prediction)];
      return [
        time(at, now),
        version,
        only === undefined
          ? `a batch of ${count}`
          : [h('strong', {}, answerText(only.prediction)), own === undefined ? null : ` ${percent(own)}`],
        count === 1 ? h('span', { class: 'quiet row' }, rowText(rows?.[0])) : null,
      ];
    }),
  );

const rowText = (row: unknown): string =>
  Object.entries((row ?? {}) as Record<string, unknown>)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
