import { metricDirection, metricNames } from '../../../lib/learn/metrics/names.ts';
import { chief } from '../../lib/metrics.ts';

/** A metric of two versions beside each other. */
export interface MetricDifference {
  name: string;
  /** Undefined where that version has no such figure. */
  before: number | undefined;
  after: number | undefined;
  /** `after` less `before`; undefined unless both are there. */
  change: number | undefined;
  /** `unknown` for a pipeline's own metric, whose direction nobody has said, and where one figure is missing. */
  verdict: 'better' | 'worse' | 'same' | 'unknown';
}

/** What the figures of other rows than the test rows begin with. */
const PREFIX = /^(validation|candidate|cv|fold\d*)_/;
/** Differences of this share are noise of the last digits, not of the model. */
const NOISE = 1e-12;

const baseOf = (name: string): string => name.replace(PREFIX, '');

/** Whether a figure is of the test rows, which a version is judged by. */
export const isOfTest = (name: string): boolean => !PREFIX.test(name);

/**
 * What a promotion changes: the metrics of the version that holds the alias beside those of the one that is to. The chief
 * metrics come first, then the others by name, those of folds and validation rows last.
 *
 * @param before undefined where no version holds the alias
 */
export function metricDifferences(
  before: Record<string, number> | undefined,
  after: Record<string, number>,
): MetricDifference[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])];
  const bases = Object.fromEntries(names.map((name) => [baseOf(name), 0]));
  const chiefs = chief(bases, names.length).map(([name]) => name);
  const place = (name: string) => {
    const at = chiefs.indexOf(baseOf(name));
    return (at < 0 ? chiefs.length : at) + (isOfTest(name) ? 0 : chiefs.length + 1);
  };
  return names
    .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
    .map((name) => difference(name, before?.[name], after[name]));
}

function difference(name: string, before: number | undefined, after: number | undefined): MetricDifference {
  const base = baseOf(name);
  if (before === undefined || after === undefined || !Number.isFinite(after - before)) {
    return { name, before, after, change: undefined, verdict: 'unknown' };
  }
  const change = after - before;
  if (Math.abs(change) <= NOISE * Math.max(Math.abs(before), Math.abs(after))) {
    return { name, before, after, change: 0, verdict: 'same' };
  }
  if (!metricNames.includes(base)) return { name, before, after, change, verdict: 'unknown' };
  const isBetter = change > 0 === (metricDirection(base) === 'maximize');
  return { name, before, after, change, verdict: isBetter ? 'better' : 'worse' };
}

/**
 * What can be compared: the figures of the test rows where both versions have them, else those of the validation rows, as of
 * a candidate that was registered beside the one that was selected.
 */
export function comparable(differences: readonly MetricDifference[]): MetricDifference[] {
  const common = differences.filter(({ change }) => change !== undefined);
  const ofTest = common.filter(({ name }) => isOfTest(name));
  return ofTest.length > 0 ? ofTest : common;
}

/** What the differences come to, in a sentence for the confirmation; `tone` is that of the chief metric. */
export function verdictOf(differences: readonly MetricDifference[]): {
  text: string;
  tone: MetricDifference['verdict'];
} {
  const judged = comparable(differences);
  const first = judged.find(({ verdict }) => verdict !== 'unknown');
  if (first === undefined) {
    return { text: 'The two versions have no metric in common that can be judged.', tone: 'unknown' };
  }
  const count = (verdict: string) => judged.filter((one) => one.verdict === verdict).length;
  const [better, worse] = [count('better'), count('worse')];
  const others = `${better} of ${judged.length} metrics better, ${worse} worse.`;
  const lead =
    first.verdict === 'same' ? `The same ${first.name}. ` : `Its ${first.name} is ${first.verdict}. `;
  return { text: lead + others, tone: first.verdict };
}
