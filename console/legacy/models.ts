import type { RegisteredModel } from '../../lib/tracking/types.ts';
import { hashOf } from '../address.ts';
import { modelsOf, type OpenApi } from '../form/openapi.ts';
import { Problem } from '../lib/api.ts';
import { h } from './dom.ts';
import type { View, ViewContext } from './view.ts';

/** The registered models; for a token that may not read them, those of the public document. */
export async function modelsView(context: ViewContext): Promise<View> {
  const models = await listed(context);
  const cards = models.map((model) =>
    h(
      'li',
      { class: 'card' },
      h('h2', {}, h('a', { href: hashOf({ view: 'model', name: model.name }) }, model.name)),
      model.description === undefined ? null : h('p', {}, model.description),
      h(
        'p',
        { class: 'line' },
        Object.entries(model.aliases).map(([alias, version]) =>
          h('span', { class: 'badge alias' }, `${alias}: version ${version}`),
        ),
        Object.keys(model.aliases).length === 0 &&
          h('span', { class: 'quiet' }, 'no version is promoted yet'),
      ),
    ),
  );
  const none = h(
    'p',
    { class: 'empty' },
    'No models yet: a run registers one. ',
    h('code', {}, 'npx arboleda run PIPELINE --wait'),
  );
  return { title: 'Models', content: [cards.length === 0 ? none : h('ul', { class: 'cards' }, cards)] };
}

type Listed = Pick<RegisteredModel, 'name' | 'aliases' | 'description'>;

async function listed({ api, signal }: ViewContext): Promise<Listed[]> {
  try {
    return (await api.get<{ models: RegisteredModel[] }>('/models', { limit: 200 }, signal)).models;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 403) throw error;
    const document = await api.get<OpenApi>('/openapi.json', {}, signal);
    return modelsOf(document).map(({ model, version }) => ({
      name: model,
      aliases: { production: version },
    }));
  }
}
