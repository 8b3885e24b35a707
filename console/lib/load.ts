import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** What was read, or why it was not. `data` of the time before stays while it is read again. */
export interface Loaded<T> {
  data: T | undefined;
  error: unknown;
  /** Whether a request is under way; `data` may be there all the same. */
  loading: boolean;
  /** Reads again; settles when that has ended, and never rejects: the error is in `error`. */
  refresh: () => Promise<void>;
  /** Puts something in the place of what was read, as when an action answers with the new state. */
  set: (data: T) => void;
}

export interface LoadOptions<T> {
  /** Read again after so many milliseconds; a hidden tab waits until it is seen. */
  every?: number;
  /** While this holds; absent: always. */
  while?: (data: T) => boolean;
}

interface State<T> {
  data?: T;
  error?: unknown;
  loading: boolean;
}

/**
 * Reads for a component: at once, again when `deps` change (then without the data of before), and by `refresh`. What is
 * under way is aborted when the component goes or the deps change, and late answers are dropped.
 *
 * @example const runs = useLoad((signal) => api.get<Page>('/runs', {}, signal), [pipeline]);
 */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  deps: readonly unknown[],
  options: LoadOptions<T> = {},
): Loaded<T> {
  const [state, setState] = useState<State<T>>({ loading: true });
  const latest = useRef({ load, options });
  latest.current = { load, options };
  const work = useRef<AbortController>();

  const read = useCallback(async (fresh: boolean): Promise<void> => {
    work.current?.abort();
    const own = new AbortController();
    work.current = own;
    setState((before) => (fresh ? { loading: true } : { ...before, loading: true }));
    try {
      const data = await latest.current.load(own.signal);
      if (!own.signal.aborted) setState({ data, loading: false });
    } catch (error) {
      if (!own.signal.aborted) setState((before) => ({ ...before, error, loading: false }));
    }
  }, []);

  useEffect(() => {
    void read(true);
    return () => work.current?.abort();
  }, deps);

  const { every } = options;
  const { data, loading, error } = state;
  useEffect(() => {
    if (every === undefined || loading || data === undefined) return;
    if (latest.current.options.while?.(data) === false) return;
    const due = () => {
      if (!document.hidden) void read(false);
    };
    const timer = setTimeout(due, every);
    // A tab that was hidden when it was due reads as soon as it is seen.
    document.addEventListener('visibilitychange', due);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', due);
    };
  }, [every, loading, data, read]);

  return {
    data,
    error,
    loading,
    refresh: useCallback(() => read(false), [read]),
    set: useCallback((next: T) => setState({ data: next, loading: false }), []),
  };
}

const EVERY_MS = 2_500;

/** As `useLoad`, read again every few seconds while `isOpen` says that there is something to follow. */
export const useLive = <T>(
  load: (signal: AbortSignal) => Promise<T>,
  deps: readonly unknown[],
  isOpen: (data: T) => boolean,
): Loaded<T> => useLoad(load, deps, { every: EVERY_MS, while: isOpen });
