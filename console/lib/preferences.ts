/**
 * What a reader chose of looks: columns, theme. It outlives the tab, unlike the token, which never comes here. A browser
 * that keeps nothing, or something broken, gives the fallback.
 */
const KEY = (name: string) => `arboleda.${name}`;

export function readPreference<T>(name: string, fallback: T, isValid: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY(name)) ?? 'null');
    return isValid(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export function keepPreference(name: string, value: unknown): void {
  try {
    localStorage.setItem(KEY(name), JSON.stringify(value));
  } catch {
    // A full or forbidden store costs a choice, not the page.
  }
}
