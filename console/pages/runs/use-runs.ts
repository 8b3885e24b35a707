import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Progress } from '../../../lib/tracking/progress.ts';
import type { Run, StageRecord } from '../../../lib/tracking/types.ts';
import { type Api, path } from '../../lib/api.ts';
import { isOpen } from '../../lib/format.ts';
import { merged } from './merge.ts';
import { orderOf } from './query.ts';
import { type Row, rowOfRun } from './row.ts';
import { type RunQuery, readPage } from './source.ts';

/** A page fills a screen or two, so that the first is there soon; later ones are fetched before they are seen. */
const FIRST = 100;
const NEXT = 500;
/** Whether something began or ended since: the newest of the list tell. */
const LOOK = 25;
const BUSY_MS = 2_500;
const IDLE_MS = 15_000;
/** So many runs at work are followed one by one. */
const WATCHED = 4;

/** How far a run at work is. */
export type Detail = Run & { stages: StageRecord[]; progress?: Progress };

export interface Runs {
  rows: readonly Row[] | undefined;
  error: unknown;
  /** Whether older ones are on their way. */
  loading: boolean;
  /** Whether there are more than `rows`. */
  hasMore: boolean;
  details: ReadonlyMap<string, Detail>;
  more: () => void;
  refresh: () => Promise<void>;
}

interface State {
  rows?: readonly Row[];
  next?: string | undefined;
  error?: unknown;
}

/** The runs that a query finds, page after page, kept up to date from its top while the page can be seen. */
export function useRuns(api: Api, query: RunQuery, key: string): Runs {
  const [state, setState] = useState<State>({});
  const [loading, setLoading] = useState(false);
  const [details, setDetails] = useState<ReadonlyMap<string, Detail>>(new Map());
  const work = useRef(new AbortController());
  const latest = useRef({ state, query, loading });
  latest.current = { state, query, loading };

  const fail = useCallback((error: unknown) => setState((before) => ({ ...before, error })), []);

  const refresh = useCallback(async () => {
    const { signal } = work.current;
    const { rows = [] } = latest.current.state;
    try {
      const limit = rows.length === 0 ? FIRST : LOOK;
      const page = await readPage(api, latest.current.query, { limit }, signal);
      const open = [...rows, ...page.rows].filter(isOpen).map(({ runId }) => runId);
      const watched = await Promise.all(
        [...new Set(open)].slice(0, WATCHED).map((id) => api.get<Detail>(path`/runs/${id}`, {}, signal)),
      );
      if (signal.aborted) return;
      if (watched.length > 0) setDetails(new Map(watched.map((detail) => [detail.runId, detail])));
      else setDetails((before) => (before.size === 0 ? before : new Map()));
      const seen = watched.map(rowOfRun);
      setState(({ rows: before = [], next }) => {
        if (before.length === 0) return { rows: merged(page.rows, [], seen), next: page.next };
        // In another order than by time a new run has its place among the others: it comes when the list is read anew.
        const isByTime = orderOf(latest.current.query.order) === undefined;
        const [top, others] = isByTime ? [page.rows, seen] : [[], [...page.rows, ...seen]];
        const known = new Set([...before, ...top].map(({ runId }) => runId));
        return {
          rows: merged(
            before,
            top,
            others.filter(({ runId }) => known.has(runId)),
          ),
          next,
        };
      });
    } catch (error) {
      if (!signal.aborted) fail(error);
    }
  }, [api, fail]);

  useEffect(() => {
    const own = new AbortController();
    work.current = own;
    setState({});
    setLoading(false);
    readPage(api, latest.current.query, { limit: FIRST }, own.signal).then(
      ({ rows, next }) => {
        if (own.signal.aborted) return;
        setState({ rows, next });
        if (rows.some(isOpen)) void refresh();
      },
      (error) => own.signal.aborted || fail(error),
    );
    return () => own.abort();
  }, [api, key, refresh, fail]);

  const isBusy = state.rows?.some(isOpen) === true;
  const isReady = state.rows !== undefined;
  useEffect(() => {
    if (!isReady) return;
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      timer = setTimeout(again, isBusy ? BUSY_MS : IDLE_MS);
    };
    const again = async () => {
      if (!document.hidden) await refresh();
      wait();
    };
    wait();
    return () => clearTimeout(timer);
  }, [isBusy, isReady, refresh, key]);

  const more = useCallback(async () => {
    const { state: now, query: asked, loading: isUnderWay } = latest.current;
    if (isUnderWay || now.next === undefined) return;
    latest.current.loading = true;
    setLoading(true);
    const { signal } = work.current;
    try {
      const page = await readPage(api, asked, { limit: NEXT, from: now.next }, signal);
      if (signal.aborted) return;
      setState((before) => ({ rows: merged(before.rows ?? [], [], page.rows), next: page.next }));
    } catch (error) {
      if (!signal.aborted) fail(error);
    } finally {
      if (!signal.aborted) setLoading(false);
    }
  }, [api, fail]);

  return {
    rows: state.rows,
    error: state.error,
    loading,
    hasMore: state.next !== undefined,
    details,
    more,
    refresh,
  };
}
