import { addChosen, bestCode, bestFeature, bestKind, BY_SET, isChosen, MISSING_LEFT } from './best';
import { copyEntries } from './copy';
import { codeAt, codesOf, codeStride } from './codes';
import { Job } from './job';
import { CHOSEN, SPARE } from './scratch';

/** The lowest bin of a value that goes right, after a partition; 256 where only what is missing does. */
let nextBin: i32;

/**
 * Moves the entries whose row goes left by the best split to the front, both sides in their old order.
 *
 * @param entries `count` of them, T each, that begin with the row's number (32 bits)
 * @returns how many go left
 */
export function partition<T>(job: Job, entries: usize, count: i32): i32 {
  const column = codesOf(job, bestFeature), stride = codeStride, end = entries + <usize>count * sizeof<T>();
  let left = entries, right = SPARE;
  if (bestKind < MISSING_LEFT) {
    const code = <u32>bestCode;
    // Counted on from the first bin that goes right, those that go left are the largest of bytes.
    let nearest: u32 = 255 - code;
    for (let at = entries; at < end; at += sizeof<T>()) {
      const entry = load<T>(at), beyond = (codeAt(column, stride, <u32>entry) - code - 1) & 255;
      const goesRight = <usize>(beyond < 255 - code);
      nearest = min(nearest, beyond);
      store<T>(left, entry);
      store<T>(right, entry);
      left += (1 - goesRight) * sizeof<T>();
      right += goesRight * sizeof<T>();
    }
    nextBin = <i32>(code + 1 + nearest);
  } else {
    if (bestKind == MISSING_LEFT) chooseUpTo(bestCode, <i32>job.valueBins[bestFeature]);
    const chosen = CHOSEN;
    let nearest = 256;
    for (let at = entries; at < end; at += sizeof<T>()) {
      const entry = load<T>(at), bin = <i32>codeAt(column, stride, <u32>entry), goesLeft = isChosen(chosen, bin);
      nearest = min(nearest, bin | goesLeft << 8);
      store<T>(left, entry);
      store<T>(right, entry);
      left += <usize>goesLeft * sizeof<T>();
      right += <usize>(1 - goesLeft) * sizeof<T>();
    }
    nextBin = nearest;
  }
  copyEntries<T>(left, SPARE, right - SPARE);
  return <i32>((left - entries) / sizeof<T>());
}

/** The nearest bin that goes right, where no rows need moving. */
export function findNext<T>(job: Job, entries: usize, count: i32): void {
  if (bestKind == BY_SET) return;
  if (bestKind == MISSING_LEFT) {
    partition<T>(job, entries, count);
    return;
  }
  const column = codesOf(job, bestFeature), stride = codeStride, code = <u32>bestCode;
  let nearest: u32 = 255 - code;
  for (let at = entries, end = entries + <usize>count * sizeof<T>(); at < end; at += sizeof<T>()) {
    nearest = min(nearest, (codeAt(column, stride, load<u32>(at)) - code - 1) & 255);
  }
  nextBin = <i32>(code + 1 + nearest);
}

function chooseUpTo(code: i32, missing: i32): void {
  for (let word = 0; word < 4; word++) CHOSEN[word] = 0;
  for (let bin = 0; bin <= code; bin++) addChosen(bin);
  addChosen(missing);
}

/** The threshold of the best split, after its partition. */
@inline export function partingValue(job: Job): f32 { return bestKind == BY_SET ? 0 : middleValue(job, bestFeature, bestCode, nextBin); }

/**
 * An edge half way between two bins that no row of the node lies between: as in scikit-learn a threshold is in the
 * middle of the values it parts, here as far as the edges allow.
 *
 * @param next the nearest bin that goes right, or one beyond all values: then all of them go left
 */
export function middleValue(job: Job, feature: i32, code: i32, next: i32): f32 {
  if (next >= <i32>job.valueBins[feature]) return f32.MAX_VALUE;
  const edges = job.edges.at(feature << 8);
  if (next == code + 1) return edges[code];
  const middle = (<f64>edges[code] + <f64>edges[next - 1]) / 2;
  // A search without branches, whose turns no one could foresee.
  let low = code;
  for (let step = 1 << (31 - clz(next - 1 - code)); step; step >>= 1) {
    const beyond = min(low + step, 255), within = i32(low + step < next) & i32(<f64>edges[beyond] <= middle);
    low += step & -within;
  }
  return edges[low];
}
