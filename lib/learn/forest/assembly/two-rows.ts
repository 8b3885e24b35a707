// A node of two rows, every feature tried: a third of all nodes. The first feature in which they differ parts them.
import { NONE_MISSING, setBest } from './best';
import { drawFeature } from './draw';
import { Job } from './job';
import { codeAt, pairAt, thresholdBetween } from './make-lists';
import { Ptr } from '../../kernel/assembly/ptr';
import { LOCAL_BINS } from './scratch';
import { partingGain } from './squared';
import { takeChildren, writeMean, writeSplit } from './write';

/**
 * Parts the rows and writes both leaves.
 *
 * @param rowA places of the rows in the subtree
 * @returns false where that takes a look at categories or missing values: then nothing is done yet
 */
export function splitTwo(job: Job, node: i32, rowA: u32, rowB: u32, all: v128, importance: Ptr<f64>): bool {
  const weight = f64x2.extract_lane(all, 0);
  for (let turn = 0; turn < job.features; turn++) {
    const feature = drawFeature(job, turn), a = <i32>codeAt(feature, rowA), b = <i32>codeAt(feature, rowB);
    if (a == b) continue;
    const low = min(a, b), high = max(a, b);
    if (job.categorical[feature] || high == LOCAL_BINS[feature]) return false;
    const left = takeChildren(job);
    if (left < 0) break;
    const first = pairAt(a < b ? rowA : rowB), second = f64x2.sub(all, first), L = f64x2.extract_lane(first, 0);
    importance[feature] = importance[feature] + partingGain(first, all) / weight;
    setBest(feature, NONE_MISSING);
    writeSplit(job, node, left, thresholdBetween(job, feature, low, high), weight, L >= weight - L);
    writeMean(job, left, f64x2.extract_lane(first, 1), L);
    writeMean(job, left + 1, f64x2.extract_lane(second, 1), weight - L);
    return true;
  }
  writeMean(job, node, f64x2.extract_lane(all, 1), weight);
  return true;
}
