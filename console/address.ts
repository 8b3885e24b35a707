/** What the part of the page's address after `#` asks for. */
export type Place =
  | { view: 'runs'; pipeline?: string }
  | { view: 'run'; id: string }
  | { view: 'models' }
  | { view: 'model'; name: string; version?: string };

/** Undefined for a fragment that is none of ours, such as that of the link that skips to the content. */
export function placeOf(hash: string): Place | undefined {
  if (hash === '' || hash === '#' || hash === '#/') return { view: 'runs' };
  if (!hash.startsWith('#/')) return undefined;
  const [path = '', query = ''] = hash.slice(2).split('?');
  const asked = new URLSearchParams(query);
  const [view, name, ...more] = path.split('/').map(decoded);
  if (more.length > 0) return { view: 'runs' };
  const [pipeline, version] = [asked.get('pipeline') ?? undefined, asked.get('version') ?? undefined];
  if (view === 'runs' && name) return { view: 'run', id: name };
  if (view === 'models' && name)
    return { view: 'model', name, ...(version === undefined ? {} : { version }) };
  if (view === 'models') return { view: 'models' };
  return { view: 'runs', ...(pipeline === undefined ? {} : { pipeline }) };
}

/** The fragment of a place. */
export function hashOf(place: Place): string {
  const part = encodeURIComponent;
  switch (place.view) {
    case 'run':
      return `#/runs/${part(place.id)}`;
    case 'model':
      return `#/models/${part(place.name)}${place.version === undefined ? '' : `?version=${part(place.version)}`}`;
    case 'models':
      return '#/models';
    default:
      return `#/runs${place.pipeline === undefined ? '' : `?pipeline=${part(place.pipeline)}`}`;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
