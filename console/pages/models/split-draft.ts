import type { NewSplit, Split, SplitKind } from '../../../lib/tracking/splits/types.ts';

/** What a version does in a split. */
export type Role = 'none' | 'answers' | 'shadow';

/** A split as its form holds it: numbers are texts until they are checked. */
export interface SplitDraft {
  kind: SplitKind;
  roles: Record<string, Role>;
  /** Percent, by version. */
  weights: Record<string, string>;
  isGuarded: boolean;
  guard: Record<GuardField, string>;
}

export type GuardField = 'maxErrorPercent' | 'maxLatencyMs' | 'minRequests' | 'windowMinutes';

/** What each bound is, and the numbers that the API takes. */
export const GUARD: Record<GuardField, { label: string; least: number; most: number; isWhole: boolean }> = {
  maxErrorPercent: { label: 'Errors, at most, in %', least: 0, most: 100, isWhole: false },
  maxLatencyMs: { label: '95th percentile, at most, in ms', least: 0.001, most: 60_000, isWhole: false },
  minRequests: { label: 'Judged from so many requests', least: 1, most: 100_000, isWhole: true },
  windowMinutes: { label: 'Over the last minutes', least: 1, most: 1440, isWhole: true },
};

const MOST_SHADOWS = 3;
const MOST_ARMS = 10;

/** The split that runs, or a tenth of the traffic for the newest version beside the champion. */
export function draftOf(split: Split | null, champion: string, newest: string | undefined): SplitDraft {
  const guard = split?.guard;
  const arms = split?.arms ?? [
    { version: champion, weight: newest === undefined ? 100 : 90 },
    ...(newest === undefined ? [] : [{ version: newest, weight: 10 }]),
  ];
  return {
    kind: split?.kind ?? 'ab',
    roles: {
      [champion]: 'answers',
      ...Object.fromEntries(arms.map(({ version }) => [version, 'answers' as const])),
      ...Object.fromEntries((split?.shadows ?? []).map((version) => [version, 'shadow' as const])),
    },
    weights: {
      [champion]: '0',
      ...Object.fromEntries(arms.map(({ version, weight }) => [version, String(weight)])),
    },
    isGuarded: guard !== undefined,
    guard: {
      maxErrorPercent: String((guard?.maxErrorRate ?? 0.05) * 100),
      maxLatencyMs: String(guard?.maxLatencyMs ?? 1_000),
      minRequests: String(guard?.minRequests ?? 50),
      windowMinutes: String(guard?.windowMinutes ?? 15),
    },
  };
}

const NUMBER = /^\d+(\.\d+)?$/;

/** Versions of a role, by number. */
export const withRole = ({ roles }: SplitDraft, role: Role): string[] =>
  Object.keys(roles)
    .filter((version) => roles[version] === role)
    .sort((a, b) => Number(a) - Number(b));

/** What the weights of those that answer sum to; NaN where one is no number. */
export const sumOf = (draft: SplitDraft): number =>
  withRole(draft, 'answers').reduce((sum, version) => sum + weightOf(draft, version), 0);

const weightOf = ({ weights }: SplitDraft, version: string): number => {
  const text = (weights[version] ?? '').trim();
  return /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
};

/** As even as whole percents are. */
export function evenly(draft: SplitDraft): SplitDraft {
  const versions = withRole(draft, 'answers');
  const share = Math.floor(100 / versions.length);
  const more = 100 - share * versions.length;
  const weights = versions.map((version, i) => [version, String(share + (i < more ? 1 : 0))]);
  return { ...draft, weights: { ...draft.weights, ...Object.fromEntries(weights) } };
}

/** A version gets a role; one that comes to answer begins with no traffic. */
export function assign(draft: SplitDraft, version: string, role: Role): SplitDraft {
  const weights =
    role === 'answers' ? { ...draft.weights, [version]: draft.weights[version] ?? '0' } : draft.weights;
  return { ...draft, roles: { ...draft.roles, [version]: role }, weights };
}

/** What to ask the API for; by field of the form what keeps it from being asked. */
export function splitOf(
  draft: SplitDraft,
  champion: string,
): { split: NewSplit; problems: Map<string, string> } {
  const problems = new Map<string, string>();
  const answering = withRole(draft, 'answers');
  const shadows = withRole(draft, 'shadow');
  const challengers = answering.filter((version) => version !== champion);
  const sum = sumOf(draft);
  if (Number.isNaN(sum)) problems.set('arms', 'Each share is a whole percent from 0 to 100.');
  else if (sum !== 100) problems.set('arms', `The shares sum to ${sum} %, not to 100 %.`);
  else if (challengers.length === 0 && shadows.length === 0) {
    problems.set('arms', 'Choose another version to answer or to shadow.');
  } else if (answering.length > MOST_ARMS) problems.set('arms', `At most ${MOST_ARMS} versions can answer.`);
  else if (draft.kind === 'blue-green' && challengers.length !== 1) {
    problems.set('arms', 'Blue-green is one version beside the one in production.');
  }
  if (shadows.length > MOST_SHADOWS) problems.set('shadows', `At most ${MOST_SHADOWS} versions can shadow.`);
  const isGuarded = draft.kind === 'blue-green' || draft.isGuarded;
  const guard = (name: GuardField): number => {
    const { least, most, isWhole } = GUARD[name];
    const text = draft.guard[name].trim();
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value))) {
      const from = least < 1 ? 'above 0' : `from ${least}`;
      problems.set(
        name,
        `${isWhole ? 'A whole number' : 'A number'} ${least === 0 ? 'from 0' : from} to ${most}.`,
      );
    }
    return value;
  };
  const split: NewSplit = {
    kind: draft.kind,
    arms: answering.map((version) => ({ version, weight: weightOf(draft, version) })),
    shadows,
    ...(isGuarded && {
      guard: {
        // 0.1 % is 0.001, not 0.0010000000000000002.
        maxErrorRate: Number((guard('maxErrorPercent') / 100).toPrecision(12)),
        maxLatencyMs: guard('maxLatencyMs'),
        minRequests: guard('minRequests'),
        windowMinutes: guard('windowMinutes'),
      },
    }),
  };
  return { split, problems };
}
