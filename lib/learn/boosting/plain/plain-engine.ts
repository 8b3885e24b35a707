import type { BoostingEngine, BoostingProblem, GrownTree, RoundSample } from '../engine.ts';
import { SET_WORDS } from '../engine.ts';
import { gradientsOf, gridOf } from './gradients.ts';
import { growTree, hasBit } from './grow.ts';

/**
 * The kernel's twin in plain TypeScript: the same trees to the last bit, without bundles, packed cells or threads. The
 * one to read first.
 */
export class PlainEngine implements BoostingEngine {
  readonly #problem: BoostingProblem;
  readonly #scores: Float64Array;
  readonly #heldOutScores: Float64Array;
  readonly #everything: RoundSample;
  #pieces = 0;

  constructor(problem: BoostingProblem) {
    const { bins, outputs, base, heldOut } = problem;
    this.#problem = problem;
    this.#scores = startScores(bins.rows, outputs, base);
    this.#heldOutScores = startScores(heldOut?.rows ?? 0, outputs, base);
    this.#everything = {
      rows: Int32Array.from({ length: bins.rows }, (_, i) => i),
      count: bins.rows,
      features: new Uint8Array(bins.featureCount).fill(1),
    };
  }

  round(sample: RoundSample = this.#everything): GrownTree[] {
    const { bins, outputs, heldOut } = this.#problem;
    const gradients = gradientsOf(this.#problem, this.#scores);
    return Array.from({ length: outputs }, (_, k) => {
      const tree = growTree(this.#problem, gridOf(this.#problem, gradients, k), sample);
      addTree(tree, bins.codes, bins.rows, this.#scores.subarray(k * bins.rows, (k + 1) * bins.rows));
      if (heldOut !== undefined) {
        const own = this.#heldOutScores.subarray(k * heldOut.rows, (k + 1) * heldOut.rows);
        addTree(tree, heldOut.codes, heldOut.rows, own);
      }
      this.#pieces++;
      return tree;
    });
  }

  heldOutScores = (): Float64Array => this.#heldOutScores;

  pieces = (): number[] => [this.#pieces];
}

function startScores(rows: number, outputs: number, base: Float64Array): Float64Array {
  const scores = new Float64Array(rows * outputs);
  for (let k = 0; k < outputs; k++) scores.fill(base[k]!, k * rows, (k + 1) * rows);
  return scores;
}

/** Each row walks the tree by its codes. */
function addTree(tree: GrownTree, codes: Uint8Array | Uint16Array, rows: number, scores: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    let node = 0;
    while (tree.feature[node]! >= 0) {
      const set = tree.sets.subarray(SET_WORDS * node, SET_WORDS * (node + 1));
      const code = codes[tree.feature[node]! * rows + row]!;
      node = tree.left[node]! + (hasBit(set, code) ? 0 : 1);
    }
    scores[row]! += tree.value[node]!;
  }
}
