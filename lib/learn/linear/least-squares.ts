import type { FeatureMatrix } from '../types.ts';
import { type Design, makeDesign } from './design.ts';
import { meanGram } from './gram.ts';
import { type Columns, leastNormSolution, type PivotedQr, pivotedQr, StreamedQr } from './householder.ts';
import { moments } from './moments.ts';
import { pivotedCholesky } from './pivoted-cholesky.ts';
import { addGradient, addScores, blockOf, centreSums, shiftOf } from './products.ts';

export interface LeastSquares {
  /** One a column (each category is one), in the columns' own units. */
  coefficients: Float64Array;
  intercept: number;
  /** How many columns were linearly independent, to working precision. */
  rank: number;
  /** Columns that are constant, or that are sums of columns before them in the order of pivoting; ascending. */
  dependent: number[];
  /** What answered: the normal equations with refinement where they are safe, else QR. */
  method: 'normal-equations' | 'qr';
}

export interface LeastSquaresOptions {
  alpha: number;
  fitIntercept: boolean;
  weights?: Float64Array | undefined;
  onProgress?: ((share: number) => void) | undefined;
}

/** Times that the normal equations' answer is corrected by its own residual; each gains the digits that one solve has. */
const REFINEMENTS = 3;

interface System extends LeastSquaresOptions {
  design: Design;
  /** Centred. */
  y: Float64Array;
  /** The columns that are not constant. */
  active: Uint32Array;
  /** Sum of the weights. */
  total: number;
  /** alpha in the units of the scaled columns and of the mean, one an active column. */
  penalties: Float64Array;
  /** What rounding may have left of the mean in a centred column, as a share of its deviation; of all columns the most. */
  blur: number;
}

/** However blurred a column is, what is longer than this share of it counts as its own. */
const MOST_BLUR = 1e-8;

/**
 * min Σ wᵢ (yᵢ − xᵢw − b)² + alpha ‖w‖², on columns centred and scaled to unit deviation.
 *
 * Where the correlations of the columns show that it is safe, by the normal equations (pivoted Cholesky) and refinement
 * by the residual, a quarter of QR's work; else by Householder QR with column pivoting (Golub and Van Loan, Matrix
 * Computations, 5.2 to 5.5), over blocks of rows where there are more rows than columns.
 *
 * Rank-deficient input (duplicate or constant columns, every category of a column beside the intercept, fewer rows than
 * columns) is answered by the coefficients of least norm in those units: scaling first keeps a column of epoch
 * milliseconds from drowning a 0/1 column. Predictions on data of the same span do not depend on that choice.
 */
export function leastSquares(x: FeatureMatrix, y: Float64Array, options: LeastSquaresOptions): LeastSquares {
  const { fitIntercept, weights } = options;
  let blur = 0;
  const design = makeDesign(x, {
    centre: fitIntercept,
    ...(weights && { weights }),
    // What is left of a constant column after centring is rounding: its coefficient is zero.
    scaleOf: ({ rootMeanSquare, noise }) => {
      if (rootMeanSquare <= noise) return 0;
      blur = Math.max(blur, noise / rootMeanSquare);
      return rootMeanSquare;
    },
  });
  const centre = fitIntercept ? moments(y, { rowCount: y.length, weights }).mean : 0;
  const active = Uint32Array.from([...design.scales.keys()].filter((j) => design.scales[j] !== 0));
  const total = weights === undefined ? y.length : weights.reduce((sum, weight) => sum + weight, 0);
  const penalties = Float64Array.from(active, (j) => options.alpha / total / design.scales[j]! ** 2);
  const system: System = {
    ...options,
    design,
    y: y.map((value) => value - centre),
    active,
    total,
    penalties,
    blur,
  };

  const quick = y.length > 2 * active.length ? byNormalEquations(system) : undefined;
  const { solution, rank, order } = quick ?? (isWideRidge(system) ? byRows(system) : byQr(system));
  const coefficients = new Float64Array(design.width);
  let intercept = centre;
  for (const [n, j] of active.entries()) {
    coefficients[j] = solution[n]! / design.scales[j]!;
    intercept -= coefficients[j]! * design.centres[j]!;
  }
  const independent = new Set(Array.from(order.subarray(0, rank), (n) => active[n]!));
  const dependent = Array.from(coefficients.keys()).filter((j) => !independent.has(j));
  return { coefficients, intercept, rank, dependent, method: quick ? 'normal-equations' : 'qr' };
}

interface Solved {
  solution: Float64Array;
  rank: number;
  order: Uint32Array;
}

function byNormalEquations(system: System): Solved | undefined {
  const { design, active, penalties, weights } = system;
  const width = active.length;
  const whole = meanGram(design, weights);
  system.onProgress?.(0.8);
  // Scaled to a unit diagonal again, so that a pivot says how much of a column the others leave.
  const roots = penalties.map((penalty, n) => Math.sqrt(whole[active[n]! * (design.width + 1)]! + penalty));
  const matrix = new Float64Array(width * width);
  for (let n = 0; n < width; n++) {
    for (let m = 0; m < width; m++) {
      const sum = whole[active[n]! * design.width + active[m]!]! + (n === m ? penalties[n]! : 0);
      matrix[n * width + m] = sum / (roots[n]! * roots[m]!);
    }
  }
  const { rank, order, r } = pivotedCholesky(matrix, width);
  // Least norm is meant in the columns' units; with a penalty no rank is lost, so the units do not matter.
  if (rank === undefined || (rank < width && system.alpha > 0)) return undefined;
  const solution = new Float64Array(width);
  for (let step = 0; step < REFINEMENTS; step++) {
    const right = gradientAt(system, solution);
    const rhs = Float64Array.from(order, (n) => right[n]! / roots[n]!);
    for (let k = 0; k < rank; k++) {
      for (let i = 0; i < k; i++) rhs[k]! -= r[k]![i]! * rhs[i]!;
      rhs[k]! /= r[k]![k]!;
    }
    const change = leastNormSolution({ rank, order, r, rhs });
    if (!change.every(Number.isFinite)) return undefined;
    for (let n = 0; n < width; n++) solution[n]! += change[n]! / roots[n]!;
  }
  return { solution, rank, order };
}

/** Xᵀ W (y − X w) / Σw − penalties · w: zero at the answer. */
function gradientAt(
  { design, y, active, weights, total, penalties }: System,
  solution: Float64Array,
): Float64Array {
  const point = new Float64Array(design.width);
  for (const [n, j] of active.entries()) point[j] = solution[n]!;
  const out = new Float64Array(design.width);
  const residuals = new Float64Array(design.blockRows);
  const shift = shiftOf(design, point, 0);
  let sum = 0;
  for (let b = 0; b < design.blocks; b++) {
    const [from, count] = blockOf(design, b);
    residuals.fill(-shift);
    addScores(design, b, point, 0, residuals, 0);
    for (let i = 0; i < count; i++) {
      residuals[i] = (y[from + i]! - residuals[i]!) * (weights?.[from + i] ?? 1);
      sum += residuals[i]!;
    }
    addGradient(design, b, residuals, 0, out, 0);
  }
  centreSums(design, out, 0, sum);
  return Float64Array.from(active, (j, n) => out[j]! / total - penalties[n]! * solution[n]!);
}

/** Least penalty, as a share of a column of unit deviation, that tells independent from dependent columns. */
const LEAST_PENALTY = 1e-20;

const isWideRidge = ({ y, active, penalties }: System): boolean =>
  y.length < active.length && penalties.every((penalty) => penalty > LEAST_PENALTY);

/**
 * Ridge of fewer rows than columns: with the columns divided by the roots of their penalties it is the (w, r) of least
 * norm with A w + r = y, so that the work grows with rows² × columns and not with columns³.
 */
function byRows(system: System): Solved {
  const { active, penalties, total } = system;
  const { columns, rhs } = wholeColumns(system);
  const roots = penalties.map((penalty) => Math.sqrt(penalty * total));
  for (const [n, column] of columns.entries()) for (let i = 0; i < rhs.length; i++) column[i]! /= roots[n]!;
  for (let i = 0; i < rhs.length; i++) {
    const unit = new Float64Array(rhs.length);
    unit[i] = 1;
    columns.push(unit);
  }
  const order = Uint32Array.from(columns.keys());
  const scaled = leastNormSolution({ rank: rhs.length, order, r: columns, rhs });
  const solution = roots.map((root, n) => scaled[n]! / root);
  return { solution, rank: active.length, order: order.subarray(0, active.length) };
}

function byQr(system: System): Solved {
  const { y, active, alpha, blur } = system;
  const wide = alpha === 0 && y.length <= active.length;
  const { columns, rhs } = wide ? wholeColumns(system) : triangle(system);
  const rounding = Number.EPSILON * Math.max(y.length, active.length);
  const found: PivotedQr = pivotedQr(columns, rhs, Math.max(4 * rounding, Math.min(4 * blur, MOST_BLUR)));
  return { solution: leastNormSolution(found), rank: found.rank, order: found.order };
}

/** R and Qᵀ y of all rows, and of the penalties' rows. */
function triangle(system: System): { columns: Columns; rhs: Float64Array } {
  const { design, active, total, penalties, onProgress } = system;
  const width = active.length;
  const qr = new StreamedQr(width + 1);
  for (let b = 0; b < design.blocks; b++) {
    qr.add(blockColumns(system, b));
    onProgress?.((0.9 * (b + 1)) / design.blocks);
  }
  if (system.alpha > 0) {
    const block = Array.from({ length: width + 1 }, () => new Float64Array(width));
    for (let n = 0; n < width; n++) block[n]![n] = Math.sqrt(penalties[n]! * total);
    qr.add(block);
  }
  const columns = qr.r.slice(0, width).map((column) => column.subarray(0, width));
  return { columns, rhs: qr.r[width]!.subarray(0, width) };
}

/** The active columns and y over all rows. */
function wholeColumns(system: System): { columns: Columns; rhs: Float64Array } {
  const { design, y, active } = system;
  const columns = Array.from({ length: active.length + 1 }, () => new Float64Array(y.length));
  for (let b = 0; b < design.blocks; b++) {
    const [from] = blockOf(design, b);
    for (const [n, part] of blockColumns(system, b).entries()) columns[n]!.set(part, from);
  }
  return { rhs: columns.pop()!, columns };
}

/** The active columns of a block of rows, and y behind them, each times the root of the row's weight. */
function blockColumns({ design, y, active, weights }: System, b: number): Float64Array[] {
  const [from, count] = blockOf(design, b);
  const places = new Map(Array.from(active, (j, n) => [j, n]));
  const block: Float64Array[] = [];
  for (const { at, values } of design.dense) block[places.get(at)!] = values.slice(from, from + count);
  for (const { at, rows, values, starts, shift } of design.sparse) {
    const column = new Float64Array(count).fill(-shift);
    for (let n = starts[b]!; n < starts[b + 1]!; n++) column[rows[n]!]! += values[n]!;
    block[places.get(at)!] = column;
  }
  block.push(y.slice(from, from + count));
  if (weights !== undefined) {
    for (const column of block) {
      for (let i = 0; i < count; i++) column[i]! *= Math.sqrt(weights[from + i]!);
    }
  }
  return block;
}
