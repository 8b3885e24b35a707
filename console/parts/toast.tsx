import { signal } from '@preact/signals';
import { Problem } from '../lib/api.ts';
import { cx } from '../lib/class.ts';

interface Note {
  id: number;
  text: string;
  more?: string | undefined;
  isError: boolean;
}

const notes = signal<readonly Note[]>([]);
let count = 0;

const STAYS_MS = 6_000;

/** Says briefly that something was done. */
export const toast = (text: string, more?: string): void => show({ text, more, isError: false });

/** Says what went wrong and what to do; stays until it is closed. */
export function toastError(error: unknown): void {
  const known = error instanceof Problem ? error : undefined;
  show({ text: error instanceof Error ? error.message : String(error), more: known?.remedy, isError: true });
}

function show(note: Omit<Note, 'id'>): void {
  const id = ++count;
  notes.value = [...notes.value.slice(-3), { ...note, id }];
  if (!note.isError) setTimeout(() => drop(id), STAYS_MS);
}

function drop(id: number): void {
  notes.value = notes.value.filter((one) => one.id !== id);
}

/** Where they appear; stands once, in the shell. */
export function Toasts() {
  return (
    <div class="toasts" aria-live="polite">
      {notes.value.map(({ id, text, more, isError }) => (
        <div key={id} class={cx('toast', isError && 'bad')} role={isError ? 'alert' : undefined}>
          <div>
            <strong>{text}</strong>
            {more === undefined ? null : <p>{more}</p>}
          </div>
          <button type="button" class="button quiet" aria-label="Close this message" onClick={() => drop(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
