import { dataKind } from '../../lib/tracking/data-kind.ts';
import type { RegisteredModel } from '../../lib/tracking/types.ts';
import { hashOf } from '../address.ts';
import { Problem } from '../lib/api.ts';
import { ago, percent } from '../lib/format.ts';
import { chief } from '../lib/metrics.ts';
import { type Child, h } from './dom.ts';
import type { ViewContext } from './view.ts';

/** Pieces that several views show. */

const STATUS: Record<string, string> = {
  FINISHED: 'finished',
  RUNNING: 'running',
  SCHEDULED: 'queued',
  FAILED: 'failed',
  KILLED: 'cancelled',
  DONE: 'done',
  SKIPPED: 'unchanged',
};

export const status = (value: string): HTMLElement =>
  h('span', { class: `badge ${value.toLowerCase()}` }, STATUS[value] ?? value);

/** Real or made-up rows: wherever a run or a version is shown, this is. */
export function dataBadge(tags: Record<string, string>): HTMLElement {
  const kind = dataKind(tags);
  const title = { real: 'Trained on real rows', synthetic: 'Trained on generated rows' };
  if (kind === undefined) return h('span', { class: 'quiet' }, '–');
  return h('span', { class: `badge ${kind}`, title: title[kind] }, `${kind} data`);
}

export const time = (iso: string, now: number): HTMLElement =>
  h('time', { datetime: iso, title: iso }, ago(iso, now));

export const metricList = (metrics: Record<string, number>, most?: number): Child => {
  const shown = chief(metrics, most);
  if (shown.length === 0) return h('span', { class: 'quiet' }, '–');
  return h(
    'ul',
    { class: 'metrics' },
    shown.map(([name, value]) => h('li', {}, h('span', { class: 'quiet' }, `${name} `), value)),
  );
};

/** By model, alias to version: what is served now, which may be another than a run was promoted to. */
export type Aliases = ReadonlyMap<string, Record<string, string>>;

export const aliasesOf = ({ api, signal }: ViewContext): Promise<Aliases> =>
  api
    .get<{ models: RegisteredModel[] }>('/models', { limit: 200 }, signal)
    .then(({ models }) => new Map(models.map(({ name, aliases }) => [name, aliases])));

export const aliasBadges = (aliases: Record<string, string>, version: string): HTMLElement[] =>
  Object.entries(aliases)
    .filter(([, held]) => held === version)
    .map(([alias]) => h('span', { class: 'badge alias' }, alias));

export function versionLink(tags: Record<string, string>, aliases: Aliases): Child {
  const [name, version] = [tags['model.name'], tags['model.version']];
  if (name === undefined || version === undefined) return h('span', { class: 'quiet' }, '–');
  const link = h('a', { href: hashOf({ view: 'model', name, version }) }, `${name} ${version}`);
  return [link, ' ', aliasBadges(aliases.get(name) ?? {}, version)];
}

/** A share of the way, 0 to 1. */
export function bar(share: number, kind = ''): HTMLElement {
  const fill = h('span', { class: `fill ${kind}` });
  fill.style.width = `${Math.min(1, Math.max(0, share)) * 100}%`;
  return h('span', { class: 'bar', 'aria-hidden': 'true' }, fill);
}

export const progressBar = (label: string, share: number): HTMLElement =>
  h(
    'div',
    {
      class: 'progress',
      role: 'progressbar',
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': Math.round(share * 100),
      'aria-label': label,
    },
    bar(share),
    h('span', { class: 'quiet' }, `${label} · ${percent(share)}`),
  );

/** An error as a person reads it: what is wrong, and what to do. */
export function problemBox(error: unknown): HTMLElement {
  const known = error instanceof Problem;
  const message = error instanceof Error ? error.message : String(error);
  return h(
    'div',
    { class: 'problem', role: 'alert' },
    h('strong', {}, message),
    known && error.remedy !== undefined ? h('p', {}, error.remedy) : null,
    known ? h('p', { class: 'quiet' }, error.code) : null,
  );
}
