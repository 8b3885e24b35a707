/** What the part of the page's address after `#` asks for. */
export type Place =
  | { view: 'runs'; pipeline?: string; filter?: string; order?: string; all?: string }
  | { view: 'run'; id: string; tab?: string }
  | { view: 'compare'; ids: readonly string[] }
  | { view: 'pipelines' }
  | { view: 'pipeline'; name: string }
  | { view: 'models' }
  | { view: 'model'; name: string; version?: string }
  | { view: 'try'; model?: string; version?: string }
  | { view: 'health'; model?: string };

export type View = Place['view'];

/** The place of one view: what its page is given. */
export type PlaceOf<V extends View> = Extract<Place, { view: V }>;

const HOME: Place = { view: 'runs' };

/** Undefined for a fragment that is none of ours, such as that of the link that skips to the content. */
export function placeOf(hash: string): Place | undefined {
  if (hash === '' || hash === '#' || hash === '#/') return HOME;
  if (!hash.startsWith('#/')) return undefined;
  const [path = '', query = ''] = hash.slice(2).split('?');
  const asked = new URLSearchParams(query);
  const [view, name, ...more] = path.split('/').map(decoded);
  if (more.length > 0) return HOME;
  switch (view) {
    case 'runs':
      return name
        ? { view: 'run', id: name, ...given(asked, ['tab']) }
        : { view: 'runs', ...given(asked, ['pipeline', 'filter', 'order', 'all']) };
    case 'compare':
      return { view: 'compare', ids: asked.getAll('run') };
    case 'pipelines':
      return name ? { view: 'pipeline', name } : { view: 'pipelines' };
    case 'models':
      return name ? { view: 'model', name, ...given(asked, ['version']) } : { view: 'models' };
    case 'try':
      return { view: 'try', ...(name ? { model: name } : {}), ...given(asked, ['version']) };
    case 'health':
      return { view: 'health', ...(name ? { model: name } : {}) };
    default:
      return HOME;
  }
}

/** The fragment of a place. */
export function hashOf(place: Place): string {
  const part = encodeURIComponent;
  switch (place.view) {
    case 'run':
      return `#/runs/${part(place.id)}${queryOf({ tab: place.tab })}`;
    case 'compare':
      return `#/compare?${new URLSearchParams(place.ids.map((id): [string, string] => ['run', id]))}`;
    case 'pipelines':
    case 'models':
      return `#/${place.view}`;
    case 'pipeline':
      return `#/pipelines/${part(place.name)}`;
    case 'model':
      return `#/models/${part(place.name)}${queryOf({ version: place.version })}`;
    case 'try':
      return `#/try${below(place.model)}${queryOf({ version: place.version })}`;
    case 'health':
      return `#/health${below(place.model)}`;
    default: {
      const { pipeline, filter, order, all } = place;
      return `#/runs${queryOf({ pipeline, filter, order, all })}`;
    }
  }
}

const below = (name: string | undefined): string =>
  name === undefined ? '' : `/${encodeURIComponent(name)}`;

function queryOf(values: Record<string, string | undefined>): string {
  const pairs = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

/** Those of the parameters that are there and not empty. */
function given<K extends string>(asked: URLSearchParams, names: readonly K[]): { [name in K]?: string } {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = asked.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  ) as { [name in K]?: string };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
