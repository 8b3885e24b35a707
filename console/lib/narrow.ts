import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 640px)');

/** Whether the window is a phone's, by the same width as in the style sheets. */
export const isNarrow = signal(query.matches);
query.addEventListener('change', () => {
  isNarrow.value = query.matches;
});
