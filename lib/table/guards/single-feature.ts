/**
 * How well one feature alone predicts the target, each row predicted without itself (leave one out), so that a column of
 * near-unique values (an id) does not look predictive. Rows are predicted by those of the same value where there are
 * several, else by the four rows whose values stand nearest in order: this follows any monotone or piecewise relation.
 */

/** Rows of one value become a group from this size on; below, neighbours in order predict. */
const GROUP_ROWS = 5;
/** Numbers of so few values need no sorting. */
const FEW_VALUES = 64;
/** Classes with fewer rows say little and are left out of the mean over classes. */
const CLASS_ROWS = 5;
/** An indicator of a class must be right at least this often where it says so. */
const INDICATOR_PRECISION = 0.6;
/** Of a numeric target, the worst hundredth of the residuals is left out: a copy may be wrong in a few rows. */
const TRIMMED_SHARE = 0.01;

/** One feature's rows, ready to be scored. */
export interface FeatureRows {
  /** The group of each row, or -1 where its neighbours predict it. */
  groups: Int32Array;
  groupCount: number;
  /** The rows with a value, by value, equal ones in random order. Empty for categories. */
  order: Int32Array;
  values: Float64Array | undefined;
}

/** Rows of equal codes together; the code -1 (missing) is a group too. */
export function fromCodes(codes: Int32Array, categories: number): FeatureRows {
  const groups = codes.map((code) => code + 1);
  return { groups, groupCount: categories + 1, order: new Int32Array(0), values: undefined };
}

/**
 * Numbers by value: a group for each value of several rows, the others by their neighbours.
 *
 * @param shuffledRows all row indices in random order: it breaks ties, so that the order of the file says nothing
 */
export function fromNumbers(values: Float64Array, shuffledRows: Int32Array): FeatureRows {
  const few = fromFewNumbers(values);
  if (few !== undefined) return few;
  const order = shuffledRows
    .filter((row) => !Number.isNaN(values[row]))
    .sort((a, b) => (values[a] as number) - (values[b] as number));
  const groups = new Int32Array(values.length).fill(-1);
  let groupCount = 1;
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) groups[i] = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    const value = values[order[start] as number];
    while (end < order.length && values[order[end] as number] === value) end++;
    if (end - start < GROUP_ROWS) continue;
    for (let at = start; at < end; at++) groups[order[at] as number] = groupCount;
    groupCount++;
  }
  return { groups, groupCount, order, values };
}

/** Where every value is a group (0/1 columns, mostly) nothing need be sorted. */
function fromFewNumbers(values: Float64Array): FeatureRows | undefined {
  const groupOf = new Map<number, number>();
  const sizes = [0];
  const groups = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    let group = groupOf.get(value);
    if (group === undefined) {
      if (groupOf.size === FEW_VALUES) return undefined;
      group = groupOf.size + 1;
      groupOf.set(value, group);
    }
    groups[i] = group;
    sizes[group] = (sizes[group] ?? 0) + 1;
  }
  if (sizes.some((size, group) => group > 0 && size < GROUP_ROWS)) return undefined;
  return { groups, groupCount: sizes.length, order: new Int32Array(0), values };
}

/**
 * How well the feature tells the classes: the lower of accuracy and mean recall over classes, 0 to 1, of the better of
 * two predictors (most frequent class, and the same with rare classes weighted up). The lower of the two, because
 * accuracy alone is high on a rare class without any skill, and mean recall alone is high with many false alarms.
 */
export function classificationScore(feature: FeatureRows, classes: Int32Array, classCount: number): number {
  const totals = new Int32Array(classCount);
  for (const one of classes) totals[one] = (totals[one] as number) + 1;
  const weights = Float64Array.from(totals, (total) => (total === 0 ? 0 : 1 / total));
  const plain = groupHits(feature, classes, classCount, new Float64Array(classCount).fill(1));
  const weighted = groupHits(feature, classes, classCount, weights);
  const neighbours = neighbourHits(feature, classes);
  const score = (hits: Float64Array) => {
    const right = hits.map((count, c) => count + (neighbours[c] ?? 0));
    const counted = totals.filter((total) => total >= CLASS_ROWS).length;
    if (counted < 2) return 0;
    let recalls = 0;
    let all = 0;
    totals.forEach((total, c) => {
      all += right[c] as number;
      if (total >= CLASS_ROWS) recalls += (right[c] as number) / total;
    });
    return Math.min(recalls / counted, all / classes.length);
  };
  return Math.max(score(plain), score(weighted));
}

/** Counts of each class in each group. */
function crossTable(feature: FeatureRows, classes: Int32Array, classCount: number): Int32Array {
  const table = new Int32Array(feature.groupCount * classCount);
  for (let i = 0; i < classes.length; i++) {
    const group = feature.groups[i] as number;
    if (group === -1) continue;
    const at = group * classCount + (classes[i] as number);
    table[at] = (table[at] as number) + 1;
  }
  return table;
}

/** Rows of each class that the other rows of their group predict rightly. A tie is a miss. */
function groupHits(
  feature: FeatureRows,
  classes: Int32Array,
  classCount: number,
  weights: Float64Array,
): Float64Array {
  const table = crossTable(feature, classes, classCount);
  const hits = new Float64Array(classCount);
  for (let start = 0; start < table.length; start += classCount) {
    let best = 0;
    let second = 0;
    let bestClass = -1;
    for (let c = 0; c < classCount; c++) {
      const weight = (table[start + c] as number) * (weights[c] as number);
      if (weight > best) {
        second = best;
        best = weight;
        bestClass = c;
      } else if (weight > second) second = weight;
    }
    if (bestClass === -1) continue;
    const count = table[start + bestClass] as number;
    // Without the row itself its class has one vote less.
    if ((count - 1) * (weights[bestClass] as number) > second)
      hits[bestClass] = (hits[bestClass] as number) + count;
  }
  return hits;
}

/** The places in the order of up to two rows below and two above, nearest first. */
function neighbours({ order, values }: FeatureRows, at: number): number[] {
  const value = (place: number) => (values as Float64Array)[order[place] as number] as number;
  const near = [at - 2, at - 1, at + 1, at + 2].filter((place) => place >= 0 && place < order.length);
  const distance = (place: number) => Math.abs(value(place) - value(at));
  return near.sort((a, b) => distance(a) - distance(b) || a - b).map((place) => order[place] as number);
}

function neighbourHits(feature: FeatureRows, classes: Int32Array): number[] {
  const hits: number[] = [];
  feature.order.forEach((row, at) => {
    if (feature.groups[row] !== -1) return;
    const votes = new Map<number, number>();
    for (const near of neighbours(feature, at)) {
      votes.set(classes[near] as number, (votes.get(classes[near] as number) ?? 0) + 1);
    }
    // Of classes with equal votes the one of the nearest row stands first in the map.
    let winner = -1;
    for (const [one, count] of votes) if (count > (votes.get(winner) ?? 0)) winner = one;
    if (winner === classes[row]) hits[winner] = (hits[winner] ?? 0) + 1;
  });
  return hits;
}

/**
 * How well one value of the feature flags one class and nothing else: the lower of recall and specificity of the best
 * pair, 0 to 1; 0 where it is wrong too often. For features of few values.
 */
export function indicatorScore(
  feature: FeatureRows,
  classes: Int32Array,
  classCount: number,
): { score: number; classIndex: number } {
  const table = crossTable(feature, classes, classCount);
  const rows = classes.length;
  const totals = new Int32Array(classCount);
  for (const one of classes) totals[one] = (totals[one] as number) + 1;
  let best = { score: 0, classIndex: -1 };
  for (let start = 0; start < table.length; start += classCount) {
    let flagged = 0;
    for (let c = 0; c < classCount; c++) flagged += table[start + c] as number;
    for (let c = 0; c < classCount; c++) {
      const right = table[start + c] as number;
      const total = totals[c] as number;
      if (total < CLASS_ROWS || rows - total < CLASS_ROWS || right < INDICATOR_PRECISION * flagged) continue;
      const score = Math.min(right / total, 1 - (flagged - right) / (rows - total));
      if (score > best.score) best = { score, classIndex: c };
    }
  }
  return best;
}

/** R2 of the feature alone on a numeric target, without the worst hundredth of the rows. At most 1, may be below 0. */
export function regressionScore(feature: FeatureRows, target: Float64Array): number {
  const byRank = trimmedR2(target, rankPrediction(feature, target));
  const { values } = feature;
  return values === undefined ? byRank : Math.max(byRank, trimmedR2(target, linePrediction(values, target)));
}

function rankPrediction(feature: FeatureRows, target: Float64Array): Float64Array {
  const predicted = new Float64Array(target.length).fill(median(Array.from(target)));
  const members: number[][] = Array.from({ length: feature.groupCount }, () => []);
  feature.groups.forEach((group, row) => {
    if (group !== -1) members[group]?.push(row);
  });
  for (const rows of members) if (rows.length > 1) predictByOthers(rows, target, predicted);
  feature.order.forEach((row, at) => {
    if (feature.groups[row] !== -1) return;
    const near = neighbours(feature, at).map((one) => target[one] as number);
    if (near.length > 0) predicted[row] = median(near);
  });
  return predicted;
}

/** The median of the other rows of the group, for each of them. */
function predictByOthers(rows: number[], target: Float64Array, predicted: Float64Array): void {
  rows.sort((a, b) => (target[a] as number) - (target[b] as number));
  const others = rows.length - 1;
  const at = (place: number, without: number) =>
    target[rows[place < without ? place : place + 1] as number] as number;
  rows.forEach((row, place) => {
    const half = others >> 1;
    predicted[row] = others % 2 === 1 ? at(half, place) : (at(half - 1, place) + at(half, place)) / 2;
  });
}

function median(numbers: number[]): number {
  const sorted = numbers.sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** The line through all other rows, for each row: residual / (1 - leverage) is its error without itself. */
function linePrediction(values: Float64Array, target: Float64Array): Float64Array {
  let count = 0;
  let meanX = 0;
  let meanY = 0;
  values.forEach((x, i) => {
    if (Number.isNaN(x)) return;
    count++;
    meanX += (x - meanX) / count;
    meanY += ((target[i] as number) - meanY) / count;
  });
  let sxx = 0;
  let sxy = 0;
  values.forEach((x, i) => {
    if (Number.isNaN(x)) return;
    sxx += (x - meanX) ** 2;
    sxy += (x - meanX) * ((target[i] as number) - meanY);
  });
  const slope = sxx === 0 ? 0 : sxy / sxx;
  return values.map((x, i) => {
    const y = target[i] as number;
    if (Number.isNaN(x)) return meanY;
    const leverage = 1 / count + (sxx === 0 ? 0 : (x - meanX) ** 2 / sxx);
    return leverage >= 1 - 1e-12 ? meanY : y - (y - meanY - slope * (x - meanX)) / (1 - leverage);
  });
}

function trimmedR2(target: Float64Array, predicted: Float64Array): number {
  const squares = target.map((y, i) => (y - (predicted[i] as number)) ** 2);
  const limit = squares.toSorted()[Math.ceil(squares.length * (1 - TRIMMED_SHARE)) - 1] as number;
  const kept = target.filter((_, i) => (squares[i] as number) <= limit);
  const mean = kept.reduce((sum, y) => sum + y, 0) / kept.length;
  const total = kept.reduce((sum, y) => sum + (y - mean) ** 2, 0);
  const left = squares.reduce((sum, square) => (square <= limit ? sum + square : sum), 0);
  return total === 0 ? 0 : 1 - left / total;
}
