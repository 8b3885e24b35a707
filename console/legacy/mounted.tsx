import { useEffect, useRef, useState } from 'preact/hooks';
import { useApi } from '../app/session.ts';
import { go } from '../lib/router.ts';
import { ErrorBox } from '../parts/states.tsx';
import type { View, ViewContext } from './view.ts';

/** A view of the first page, made by hand of elements, where it stands among components. */
export function Mounted({ make, of }: { make: (context: ViewContext) => Promise<View>; of: string }) {
  const api = useApi();
  const [view, setView] = useState<View>();
  const [error, setError] = useState<unknown>();
  const body = useRef<HTMLDivElement>(null);
  const latest = useRef(make);
  latest.current = make;

  useEffect(() => {
    const work = new AbortController();
    const { signal } = work;
    setView(undefined);
    setError(undefined);
    const fail = (reason: unknown) => {
      if (!signal.aborted) setError(reason);
    };
    latest.current({ api, signal, go, fail, now: Date.now }).then((made) => {
      if (!signal.aborted) setView(made);
    }, fail);
    return () => work.abort();
  }, [of, api]);

  useEffect(() => body.current?.replaceChildren(...(view?.content ?? [])), [view]);

  return (
    <div class="legacy">
      <h1 tabIndex={-1}>{view?.title ?? (error === undefined ? 'Loading' : 'This cannot be shown')}</h1>
      {error === undefined ? null : <ErrorBox error={error} />}
      <div ref={body} aria-busy={view === undefined && error === undefined} />
    </div>
  );
}
