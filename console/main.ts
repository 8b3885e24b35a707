import { hashOf, type Place, placeOf } from './address.ts';
import { Api, baseOf, Problem } from './api.ts';
import { button, h } from './dom.ts';
import { dropToken, keepToken, readToken } from './session.ts';
import { modelView } from './views/model.ts';
import { modelsView } from './views/models.ts';
import { problemBox } from './views/parts.ts';
import { runView } from './views/run.ts';
import { runsView } from './views/runs.ts';
import { signIn } from './views/sign-in.ts';
import type { View, ViewContext } from './views/view.ts';

/** The page: which view stands in it, and the token that its requests carry. */

const base = baseOf(location);
const main = document.getElementById('main') as HTMLElement;
const nav = document.getElementById('nav') as HTMLElement;
let current = new AbortController();

const VIEWS: readonly { label: string; place: Place }[] = [
  { label: 'Runs', place: { view: 'runs' } },
  { label: 'Models', place: { view: 'models' } },
];

const viewOf = (place: Place, context: ViewContext): Promise<View> => {
  switch (place.view) {
    case 'run':
      return runView(context, place.id);
    case 'models':
      return modelsView(context);
    case 'model':
      return modelView(context, place.name, place.version);
    default:
      return runsView(context, place.pipeline);
  }
};

/** Shows what the address asks for. What the view before began is ended, and its late answers are dropped. */
async function show(): Promise<void> {
  const place = placeOf(location.hash);
  if (place === undefined) return;
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const token = readToken();
  if (token === undefined) return askToken();
  const api = new Api({ base, token });
  const go = (to: Place) => {
    location.hash = hashOf(to);
  };
  const fail = (error: unknown) => {
    if (!signal.aborted) failed(error, main.querySelector('h1'));
  };
  drawNav(place);
  main.setAttribute('aria-busy', 'true');
  try {
    const { title, content } = await viewOf(place, { api, signal, go, fail, now: Date.now });
    if (signal.aborted) return;
    const heading = h('h1', { tabindex: -1 }, title);
    main.replaceChildren(heading, ...content);
    document.title = `${title} · Arboleda`;
    heading.focus();
  } catch (error) {
    if (!signal.aborted) failed(error, null);
  } finally {
    if (!signal.aborted) main.removeAttribute('aria-busy');
  }
}

/** Below the heading of a view that stands; in place of one that could not be made. */
function failed(error: unknown, heading: HTMLElement | null): void {
  if (error instanceof Problem && error.status === 401) {
    dropToken();
    askToken('Your token is no longer good: it was revoked, or it expired.');
    return;
  }
  main.querySelector(':scope > .problem')?.remove();
  if (heading !== null) heading.after(problemBox(error));
  else main.replaceChildren(h('h1', { tabindex: -1 }, 'This cannot be shown'), problemBox(error));
}

function askToken(reason?: string): void {
  current.abort();
  nav.replaceChildren();
  main.removeAttribute('aria-busy');
  document.title = 'Sign in · Arboleda';
  const done = (token: string) => {
    keepToken(token);
    void show();
  };
  main.replaceChildren(signIn({ base, reason, done }));
}

function drawNav(place: Place): void {
  const part = place.view.startsWith('run') ? 'runs' : 'models';
  nav.replaceChildren(
    ...VIEWS.map(({ label, place: to }) =>
      h('a', { href: hashOf(to), 'aria-current': to.view === part ? 'page' : undefined }, label),
    ),
    button(
      'Sign out',
      () => {
        dropToken();
        askToken();
      },
      { class: 'link' },
    ),
  );
}

/** Links and command lines of the page's foot, by the address that the reader came by. */
function fillFoot(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-path]')) {
    link.href = base + (link.dataset.path ?? '');
  }
  for (const code of document.querySelectorAll('[data-api]')) {
    code.textContent = (code.textContent ?? '').replaceAll('$API', base);
  }
}

fillFoot();
addEventListener('hashchange', () => void show());
void show();
