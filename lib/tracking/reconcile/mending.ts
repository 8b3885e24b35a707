import type { Clock, Executions, ItemStore, ObjectStore } from '../../store/ports.ts';

/** What does not fit, and what was done. */
export interface Finding {
  kind: FindingKind;
  /** What it is about: `run 3f...`, `model housing version 2`. */
  subject: string;
  problem: string;
  /** What mends it; in the imperative where a person has to. */
  action: string;
  fixed: boolean;
}

export type FindingKind =
  | 'run-missing'
  | 'run-behind'
  | 'run-orphaned'
  | 'run-without-execution'
  | 'run-not-queued'
  | 'run-not-indexed'
  | 'snapshot-unreadable'
  | 'version-missing'
  | 'version-renumbered'
  | 'version-without-object'
  | 'alias-behind'
  | 'cache-dangling'
  | 'lock-stale'
  | 'queue-stale'
  | 'source-missing'
  | 'last-result-missing';

export interface ReconcileStores {
  items: ItemStore;
  objects: ObjectStore;
  executions: Executions;
  clock: Clock;
}

/** One pass over one workspace: the stores, and what was found so far. */
export class Mending {
  readonly ws: string;
  readonly stores: ReconcileStores;
  readonly fix: boolean;
  /** Things younger than this are left alone: their maker may be at work. */
  readonly graceMs: number;
  readonly findings: Finding[] = [];

  constructor(ws: string, stores: ReconcileStores, options: { fix: boolean; graceSeconds?: number }) {
    this.ws = ws;
    this.stores = stores;
    this.fix = options.fix;
    this.graceMs = (options.graceSeconds ?? 60) * 1000;
  }

  /** Records a finding, and mends it where that is wanted and known how. */
  async found(finding: Omit<Finding, 'fixed'>, mend?: () => Promise<unknown>): Promise<void> {
    const fixes = this.fix && mend !== undefined;
    if (fixes) await mend();
    this.findings.push({ ...finding, fixed: fixes });
  }

  /** Whether a time is past by more than the grace. */
  isOld(time: string): boolean {
    return this.stores.clock.now().getTime() - Date.parse(time) >= this.graceMs;
  }
}

/** The S3 keys of this workspace among the texts of a stage's outputs, however deep. */
export function objectKeysIn(ws: string, value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith(`${ws}/`) && !value.endsWith('/') ? [value] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((part) => objectKeysIn(ws, part));
}

/** The first of the keys that names no object. */
export async function firstMissing(
  objects: ObjectStore,
  keys: readonly string[],
): Promise<string | undefined> {
  for (const key of keys) if ((await objects.head(key)) === undefined) return key;
  return undefined;
}
