import { useEffect, useRef, useState } from 'preact/hooks';
import { hashOf, type Place, type View } from '../address.ts';
import { place } from '../lib/router.ts';
import { NoPermission } from '../parts/states.tsx';
import { Toasts } from '../parts/toast.tsx';
import { Trees } from './brand.tsx';
import { Connect } from './connect.tsx';
import { pageOf, pagesInNav } from './pages.ts';
import { lacking, session, signOut, useSession } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { chooseTheme, THEMES, theme } from './theme.ts';

/** The whole document: the sign-in, or the head with its navigation and one page. */
export function Shell() {
  if (session.value === undefined) return <SignIn />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Head />
      <Content />
      <Toasts />
    </>
  );
}

/** Which entry of the navigation a view belongs to. */
const PARENT: Partial<Record<View, View>> = {
  run: 'runs',
  compare: 'runs',
  model: 'models',
  pipeline: 'pipelines',
};

function Head() {
  const { me } = useSession();
  const [isOpen, setOpen] = useState(false);
  const { view } = place.value;
  return (
    <header class="head">
      <a class="brand" href={hashOf({ view: 'runs' })} aria-label="Arboleda">
        <Trees />
        <span>Arboleda</span>
      </a>
      <nav id="nav" aria-label="Main">
        {pagesInNav().map((one) => (
          <a
            key={one.view}
            href={hashOf({ view: one.view } as Place)}
            aria-current={(PARENT[view] ?? view) === one.view ? 'page' : undefined}
          >
            {one.nav}
          </a>
        ))}
      </nav>
      <div class="account">
        <span class="who" title={`Token ${me.name}: it may ${me.permissions.slice(1).join(', ')}`}>
          <span class="unseen">Workspace </span>
          {me.workspace}
          <span class="badge good">
            <span class="unseen">role </span>
            {me.role}
          </span>
        </span>
        <select
          aria-label="Theme"
          value={theme.value}
          onChange={(event) => chooseTheme(event.currentTarget.value as (typeof THEMES)[number])}
        >
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" class="button quiet" onClick={() => setOpen(true)}>
          Connect
        </button>
        <button type="button" class="button quiet" onClick={() => signOut()}>
          Sign out
        </button>
      </div>
      {isOpen ? <Connect onClose={() => setOpen(false)} /> : null}
    </header>
  );
}

function Content() {
  const at = place.value;
  const main = useRef<HTMLElement>(null);
  const found = pageOf(at.view);
  const subject = 'id' in at ? at.id : 'name' in at ? at.name : '';
  const title = found?.title(at) ?? 'Not found';
  // A new page is announced by its heading; a filter of the same page leaves the focus where it is.
  useEffect(() => {
    document.title = `${title} · Arboleda`;
    main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [at.view, subject, title]);
  const needs = found?.needs ?? 'read';
  const isRefused = found !== undefined && lacking(needs) !== undefined;
  return (
    <main id="main" tabIndex={-1} ref={main} key={`${at.view} ${subject}`}>
      {found === undefined || isRefused ? <h1 tabIndex={-1}>{title}</h1> : null}
      {found === undefined ? <p>This console has no such page.</p> : null}
      {isRefused ? <NoPermission needs={needs} /> : null}
      {found === undefined || isRefused ? null : <found.component place={at as never} />}
    </main>
  );
}
