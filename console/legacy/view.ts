import type { Place } from '../address.ts';
import type { Api } from '../lib/api.ts';

/** What a view is given. It is over when `signal` aborts: a view that has timers or requests ends them then. */
export interface ViewContext {
  api: Api;
  signal: AbortSignal;
  now(): number;
  go(place: Place): void;
  /** Shows an error in the view's place; a token that is no longer good leads back to the sign-in. */
  fail(error: unknown): void;
}

/** A view: its title, and what stands below it. */
export interface View {
  title: string;
  content: Node[];
}

/** Runs `work` again and again until it says that it is done; a hidden tab waits until it is seen. */
export function poll(signal: AbortSignal, milliseconds: number, work: () => Promise<boolean>): void {
  const wait = () => setTimeout(again, milliseconds);
  const again = async () => {
    if (signal.aborted) return;
    if (document.hidden || !(await work())) wait();
  };
  const timer = wait();
  signal.addEventListener('abort', () => clearTimeout(timer));
}
