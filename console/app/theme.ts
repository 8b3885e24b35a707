import { effect, signal } from '@preact/signals';
import { keepPreference, readPreference } from '../lib/preferences.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (value: unknown): value is Theme => THEMES.includes(value as Theme);

export const theme = signal<Theme>(readPreference('theme', 'system', isTheme));

const system = matchMedia('(prefers-color-scheme: dark)');

/** What is shown now; charts, whose canvas knows no CSS, are drawn again when it changes. */
export const isDark = signal(system.matches);

/** Puts the theme on the page and keeps to it. */
export function applyTheme(): void {
  const draw = (chosen: Theme) => {
    if (chosen === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    isDark.value = chosen === 'system' ? system.matches : chosen === 'dark';
  };
  effect(() => draw(theme.value));
  system.addEventListener('change', () => draw(theme.peek()));
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  keepPreference('theme', chosen);
}
