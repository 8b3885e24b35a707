import { signal } from '@preact/signals';

/** The time that relative times are counted from; components that read it are drawn again as it moves. */
export const now = signal(Date.now());

const EVERY_MS = 10_000;

/** Lets the time move, while someone can see it. */
export const keepTime = (): unknown =>
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, EVERY_MS);
