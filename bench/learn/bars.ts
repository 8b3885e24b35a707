/** What the learning engine is held to, against what was measured. */
import type { Case } from './cases.ts';
import type { FullSize } from './full-size.ts';
import { type GrowthLine, linearithmic } from './growth.ts';
import type { Line } from './summary.ts';
import { bytesText, digits, times } from './text.ts';

export interface Verdict {
  case: string;
  /** What is asked. */
  bar: string;
  measured: string;
  met: boolean;
}

const ROW_MICROSECONDS = 15;
const TWO_THREADS = 1.8;
const BATCH = 3;
const BASELINE = 300;

/**
 * The bars of one case. Speed is held against the peer by the wall clock; where the machine was busy the report says
 * so beside the figures, and judges nothing differently.
 *
 * @param lines of that case
 */
export function judge({ name, kind, numeric, contenders }: Case, lines: readonly Line[]): Verdict[] {
  const ours = contenders.filter(({ runtime }) => runtime === 'ours').map((contender) => contender.name);
  const line = (contender: string, threads: number): Line | undefined =>
    lines.find((candidate) => candidate.contender === contender && candidate.threads === threads);
  const least = kind === 'boosting' ? 1 : numeric ? 10 : 5;
  const peer = kind === 'boosting' ? 'LightGBM' : 'scikit-learn';
  return ours.flatMap((contender) => {
    const title = ours.length > 1 ? `${name} (${contender})` : name;
    const [one, two] = [line(contender, 1), line(contender, 2)];
    const verdicts: Verdict[] = [];
    const add = (bar: string, measured: string, met: boolean): void => {
      verdicts.push({ case: title, bar, measured, met });
    };
    if (one?.timesPeer !== undefined) {
      add(`train ${least}x ${peer}, 1 thread`, times(one.timesPeer), one.timesPeer >= least);
    }
    const baseline = line('ml-random-forest', 1);
    if (one !== undefined && baseline !== undefined) {
      const ratio = baseline.fitSeconds / one.fitSeconds;
      add(`train ${BASELINE}x ml-random-forest`, times(ratio), ratio >= BASELINE);
    }
    for (const { name: score, mean, standing } of one?.scores ?? []) {
      // RMSE says what R2 says, and a forest's log loss is no bar: its probabilities of 0 decide it.
      if (standing === undefined || score === 'rmse' || (kind === 'forest' && score === 'logLoss')) continue;
      const met = standing === 'better' || standing === 'within 1 SE';
      add(`${score} within 1 SE of ${peer}'s, or better`, `${digits(mean, 4)}: ${standing}`, met);
    }
    if (kind === 'forest' && two?.timesOneThread !== undefined) {
      add(`2 threads ${TWO_THREADS}x one`, times(two.timesOneThread), two.timesOneThread >= TWO_THREADS);
    }
    if (kind === 'forest' && one?.batchTimesPeer !== undefined) {
      add(`predict 10,000 rows ${BATCH}x ${peer}`, times(one.batchTimesPeer), one.batchTimesPeer >= BATCH);
    }
    if (one?.rowSeconds !== undefined) {
      const microseconds = one.rowSeconds * 1e6;
      add(
        `one row in ${ROW_MICROSECONDS} us`,
        `${digits(microseconds)} us`,
        microseconds <= ROW_MICROSECONDS,
      );
    }
    return verdicts;
  });
}

/** Growth in rows: no steeper than n log n, give or take twice the error of the fit. */
export function judgeGrowth(lines: readonly GrowthLine[]): Verdict[] {
  return lines.flatMap(({ over, points, laws }) => {
    const own = laws.ours;
    if (over !== 'rows' || own === undefined) return [];
    const most = linearithmic(points.map(({ size }) => size));
    const met = own.exponent <= most + 2 * own.exponentError;
    const bar = `growth in rows no worse than n log n (exponent ${most.toFixed(2)})`;
    return [{ case: 'growth', bar, measured: own.exponent.toFixed(2), met }];
  });
}

/** Every size that ml-random-forest finished. */
export function judgeBaseline({ points }: GrowthLine): Verdict[] {
  return points.flatMap(({ size, seconds }) => {
    const ratio = seconds['ml-random-forest']! / seconds.ours!;
    if (!Number.isFinite(ratio)) return [];
    const bar = `train ${BASELINE}x ml-random-forest, ${size} rows`;
    return [{ case: 'baseline', bar, measured: times(ratio), met: ratio >= BASELINE }];
  });
}

/** The peak of the largest run. */
export function judgeFullSize({ lines, withinMemory }: FullSize): Verdict[] {
  const peak = Math.max(...lines.map(({ rssPeak }) => rssPeak));
  return [
    { case: 'full-size', bar: '581,012 x 54 within 10 GB', measured: bytesText(peak), met: withinMemory },
  ];
}
