import { baseOf } from '../lib/api.ts';

/** What the server wrote into the page, for texts that depend on where it stands. */
export interface Settings {
  version: string;
  /** A row that the default model takes. */
  exampleRow: Record<string, unknown>;
  /** Shell lines that point MLflow's client here; `$API` and `$TOKEN` stand for themselves. */
  mlflow: string;
}

/** The address of the API's root, without a slash at its end. */
export const base = baseOf(location);

const EMPTY: Settings = { version: '', exampleRow: {}, mlflow: '' };

export function readSettings(): Settings {
  const text = document.getElementById('settings')?.textContent;
  return text ? { ...EMPTY, ...(JSON.parse(text) as Partial<Settings>) } : EMPTY;
}
