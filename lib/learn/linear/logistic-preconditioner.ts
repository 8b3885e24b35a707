import { factorCholesky, solveCholesky } from './cholesky.ts';
import { Gram } from './gram.ts';
import type { Preconditioner } from './lbfgs.ts';
import { BlockScores } from './logistic-loss.ts';
import type { LogisticSystem } from './logistic-system.ts';
import { blockOf } from './products.ts';

/** Largest Hessian that is factored whole: its Cholesky takes about a second. */
const MOST_COUPLED = 2_000;
/** Multiply-adds that the factors of single outputs may cost, and numbers that they may hold (400 MB). */
const FACTOR_WORK = 4e9;
const FACTOR_CELLS = 5e7;
/** How many evaluations of the loss a factor may cost. */
const FACTOR_EVALUATIONS = 100;
/** The curvature is taken anew after so many iterations, and again each time half as many more have passed. */
const FIRST_REFRESH = 4;
/** Rows for each column that a sample needs, to tell the curvature well enough. */
const ROWS_A_COLUMN = 40;
/** How many evaluations of the loss a curvature may cost before it is taken on a sample of the rows. */
const EVALUATIONS = 6;

/** How the Hessian is cut: all outputs coupled, each by itself, or its diagonal alone. */
type Cut = 'coupled' | 'single' | 'diagonal';

/**
 * The Hessian at the point where the search stands, Σ wᵢ (diag(pᵢ) − pᵢpᵢᵀ) ⊗ xᵢxᵢᵀ and the penalty: whole where it is
 * small, else its blocks of one output each, else its diagonal. L-BFGS starts from its inverse, so that correlated
 * columns and rare classes cost no more steps than others. It is taken anew as the search moves, since what was curved
 * where all is unknown is flat where a class is all but certain. None of it moves the minimum.
 */
export function logisticCurvature(system: LogisticSystem): Preconditioner {
  const { design, outputs, shares } = system;
  const size = design.width + 1;
  const cut = cutOf(system);
  const groups =
    cut === 'coupled' ? [[...shares.keys()].slice(0, outputs)] : [...shares.keys()].map((k) => [k]);
  const diagonals = Array.from(shares.subarray(0, outputs), (share) =>
    roughDiagonal(system, share * (1 - share)),
  );
  let factors: (Float64Array | undefined)[] = [];
  let next = 0;
  return {
    apply(vector) {
      for (const [g, group] of groups.slice(0, outputs).entries()) {
        const factor = factors[g];
        if (factor !== undefined) solveCholesky(factor, group.length * size, vector, group[0]! * size);
        else for (const k of group) for (let j = 0; j < size; j++) vector[k * size + j]! /= diagonals[k]![j]!;
      }
    },
    refresh(point, iteration) {
      if (iteration < next || cut === 'diagonal') return;
      next = iteration === 0 ? FIRST_REFRESH : Math.ceil(iteration * 1.5);
      factors = factorsAt(system, point, cut, diagonals);
    },
  };
}

/** The finest cut whose factors are worth their work: with far more columns than rows plain steps are sooner done. */
function cutOf(system: LogisticSystem): Cut {
  const { design, outputs } = system;
  const size = design.width + 1;
  const worth = FACTOR_EVALUATIONS * evaluationWork(system);
  const [coupled, single] = [(outputs * size) ** 3 / 3, (outputs * size ** 3) / 3];
  if (outputs * size <= MOST_COUPLED && coupled <= worth) return 'coupled';
  return single <= Math.min(worth, FACTOR_WORK) && outputs * size ** 2 <= FACTOR_CELLS
    ? 'single'
    : 'diagonal';
}

/** Multiply-adds of one look at the loss and its gradient. */
function evaluationWork({ design: { dense, sparse, rows }, outputs }: LogisticSystem): number {
  const entries = sparse.reduce((sum, column) => sum + column.values.length, 0);
  return outputs * (2 * (dense.length * rows + entries) + 20 * rows);
}

/** Pairs of outputs whose block of the Hessian is wanted, the first of each pair not above the second. */
function pairsOf(outputs: number, cut: Cut): [number, number][] {
  const all = Array.from({ length: outputs }, (_, k) => k);
  return all.flatMap((k) =>
    all.filter((l) => l === k || (cut === 'coupled' && l > k)).map((l): [number, number] => [k, l]),
  );
}

function factorsAt(
  system: LogisticSystem,
  point: Float64Array,
  cut: Cut,
  rough: readonly Float64Array[],
): (Float64Array | undefined)[] {
  const { design, weights, outputs } = system;
  const { blocks, blockRows } = design;
  const pairs = pairsOf(outputs, cut);
  const stride = sampling(system, pairs.length);
  const scores = new BlockScores(system, point);
  const grams = pairs.map(() => new Gram(design));
  const curved = new Float64Array(blockRows);
  let seen = 0;
  for (let b = 0; b < blocks; b += stride) {
    const [from, count] = blockOf(design, b);
    const p = scores.probabilities(b);
    for (let i = 0; i < count; i++) seen += weights[from + i]!;
    for (const [n, [k, l]] of pairs.entries()) {
      const [first, second] = [k * blockRows, l * blockRows];
      for (let i = 0; i < count; i++) {
        curved[i] = weights[from + i]! * p[first + i]! * ((k === l ? 1 : 0) - p[second + i]!);
      }
      grams[n]!.add(b, curved);
    }
  }
  const size = design.width + 1;
  const found = grams.map((gram, n) => mended(system, gram.finish(seen, true), pairs[n]!, rough, stride > 1));
  if (cut === 'single') return found.map((block) => factored(block, size));
  const whole = new Float64Array((outputs * size) ** 2);
  for (const [n, [k, l]] of pairs.entries()) place(whole, outputs * size, found[n]!, size, k, l);
  return [factored(whole, outputs * size)];
}

const factored = (matrix: Float64Array, size: number): Float64Array | undefined =>
  factorCholesky(matrix, size) > 0 ? matrix : undefined;

/** Adds to a block what the sums do not have. */
function mended(
  { design, fitIntercept, outputs, penalty }: LogisticSystem,
  block: Float64Array,
  [k, l]: [number, number],
  rough: readonly Float64Array[],
  sampled: boolean,
): Float64Array {
  const { width, scales } = design;
  const size = width + 1;
  for (let j = 0; j < size; j++) {
    const at = j * (size + 1);
    if (k === l && j < width) block[at]! += penalty / scales[j]! ** 2;
    // A sample may hold none of a column's values: without a floor it would take the column for flat.
    if (k === l && sampled) block[at] = Math.max(block[at]!, 1e-3 * rough[k]![j]!);
    // The softmax is flat along equal steps of all outputs, and only the penalty curves it. The gradient has next to
    // nothing in that direction; curving it too keeps the factor definite and changes no other step.
    if (outputs > 1) block[at]! += 1e-3 * Math.sqrt(rough[k]![j]! * rough[l]![j]!);
  }
  if (fitIntercept) return block;
  for (let j = 0; j < size; j++) {
    block[j * size + width] = 0;
    block[width * size + j] = j === width && k === l ? 1 : 0;
  }
  return block;
}

/** Lays a block into the Hessian at output k, l, and its mirror image. */
function place(
  whole: Float64Array,
  width: number,
  block: Float64Array,
  size: number,
  k: number,
  l: number,
): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      whole[(k * size + i) * width + l * size + j] = block[i * size + j]!;
      whole[(l * size + j) * width + k * size + i] = block[i * size + j]!;
    }
  }
}

/** Every how many blocks to look at, from the work that a look costs and that one evaluation costs. */
function sampling(system: LogisticSystem, pairs: number): number {
  const { design } = system;
  const { dense, sparse, rows, width } = design;
  const entries = sparse.reduce((sum, column) => sum + column.values.length, 0);
  const evaluation = evaluationWork(system);
  const look =
    pairs * ((rows * dense.length ** 2) / 2 + entries * (dense.length + sparse.length / 8) + 4 * rows);
  const most = Math.floor(rows / (ROWS_A_COLUMN * (width + 1)));
  return Math.max(1, Math.min(most, Math.round(look / (EVALUATIONS * evaluation))));
}

/** What the curvature's diagonal is where each row has its class's share of curvature. */
function roughDiagonal({ design, penalty }: LogisticSystem, share: number): Float64Array {
  const { width, scales } = design;
  const out = new Float64Array(width + 1).fill(share);
  for (let j = 0; j < width; j++) {
    // A scaled column has variance 4 − 4·penalty/scale².
    const penalised = penalty / scales[j]! ** 2;
    out[j] = share * 4 * Math.max(0, 1 - penalised) + penalised;
  }
  return out;
}
