import type { Quadrature } from './quadrature.ts';
import type { UnpackedTree } from './unpack-tree.ts';

/** Where the answers of one row and one tree go: `out[at + feature * stride + output]` is added to. */
export interface Target {
  out: Float64Array;
  at: number;
  stride: number;
}

/** Says for a node of the tree whether the row goes left. */
export type GoesLeft = (node: number) => boolean;

/**
 * Adds one row's contributions in one tree: exact path-dependent SHAP values (Lundberg et al. 2018, algorithm 2), by
 * another way than its subset sums.
 *
 * A leaf with the path features j, their shares of cover z (product over the nodes that ask j) and o (1 where the row
 * passes all of those nodes, else 0) plays the game v(S) = leaf x prod_{j in S} o_j x prod_{j not in S} z_j. Its Shapley
 * value is an integral (Owen 1972): phi_j = leaf x int_0^1 (o_j - z_j) prod_{i != j} (z_i (1 - t) + o_i t) dt. The
 * integrand is a polynomial in t of degree below the number of path features, so that Gauss-Legendre points answer it
 * exactly, and as all factors are positive nothing cancels. At fixed t a leaf's product grows by one factor an edge and
 * sums of leaves can be shared by all edges above them: the time is nodes x points, not leaves x depth squared (the
 * idea of Linear TreeSHAP, Yu et al. 2022).
 *
 * A feature whose o is 0 stays so further down, and splits of it then merely average: where all features below a node
 * are such, the node's mean stands for its leaves, and the walk ends there.
 */
export class TreeWalker {
  private readonly share: Float64Array;
  private readonly open: Uint8Array;
  private levels = 0;
  private cells = 0;
  private node = new Uint32Array(0);
  private phase = new Uint8Array(0);
  private leftHot = new Uint8Array(0);
  private closed = new Uint32Array(0);
  private edgeFeature = new Int32Array(0);
  private shareBefore = new Float64Array(0);
  private openBefore = new Uint8Array(0);
  /** Products of the factors above, level × points. */
  private product = new Float64Array(0);
  /** What a unit of product below is worth to the edge's feature, level × points. */
  private gain = new Float64Array(0);
  /** Sums of leaf × product, level × width × points. */
  private sum = new Float64Array(0);

  /** @param featureCount features that a row has */
  constructor(featureCount: number) {
    // A feature that is not on the path has z = 1 and o = 1: its factor is 1, and it is worth 0.
    this.share = new Float64Array(featureCount).fill(1);
    this.open = new Uint8Array(featureCount).fill(1);
  }

  walk(tree: UnpackedTree, goesLeft: GoesLeft, { points, weights }: Quadrature, target: Target): void {
    if (tree.below[0] === 0) return;
    const { width } = tree;
    const q = points.length;
    this.reserve(tree.levels, q, width);
    const { node, phase, leftHot, closed, product, sum } = this;
    let depth = 0;
    node[0] = 0;
    phase[0] = 0;
    closed[0] = 0;
    product.fill(1, 0, q);
    sum.fill(0, 0, q * width);
    for (;;) {
      const at = node[depth]!;
      const side = phase[depth]!;
      if (side === 2) {
        if (depth === 0) return;
        this.leave(depth, q, width, target);
        depth--;
        continue;
      }
      if (side === 0) leftHot[depth] = goesLeft(at) ? 1 : 0;
      phase[depth] = side + 1;
      const child = tree.left[at]! + side;
      const isHot = leftHot[depth] !== side;
      const below = this.enter(tree, at, depth, side, isHot, points, weights);
      if ((tree.below[child]! & ~below) === 0) {
        this.settle(tree, child, depth, q, target);
        continue;
      }
      depth++;
      node[depth] = child;
      phase[depth] = 0;
      closed[depth] = below;
      sum.fill(0, depth * q * width, (depth + 1) * q * width);
    }
  }

  private reserve(levels: number, q: number, width: number): void {
    if (levels > this.levels) {
      this.levels = levels;
      this.node = new Uint32Array(levels);
      this.phase = new Uint8Array(levels);
      this.leftHot = new Uint8Array(levels);
      this.closed = new Uint32Array(levels);
      this.edgeFeature = new Int32Array(levels);
      this.shareBefore = new Float64Array(levels);
      this.openBefore = new Uint8Array(levels);
    }
    if (levels * q * width > this.cells) {
      this.cells = levels * q * width;
      this.product = new Float64Array(this.cells);
      this.gain = new Float64Array(this.cells);
      this.sum = new Float64Array(this.cells);
    }
  }

  /**
   * Goes along an edge: fills product and gain of the level below, and the feature's new share and openness.
   *
   * With the feature's factor f before and f' after the edge, the gain is w ((o' - z') / f' - (o - z) / f): what leaves
   * below are worth by the feature's whole path, less what the same leaves were counted for at its edge above. For an
   * edge that the row follows this is w (z - z') / (f f'), for the first it leaves -w / ((1 - t) f), and 0 from there on.
   *
   * @returns the bits of the features that are closed (o = 0) below
   */
  private enter(
    tree: UnpackedTree,
    at: number,
    depth: number,
    side: number,
    isHot: boolean,
    points: Float64Array,
    weights: Float64Array,
  ): number {
    const { share, open, product, gain } = this;
    const q = points.length;
    const from = depth * q;
    const to = from + q;
    const f = tree.feature[at]!;
    const left = tree.leftShare[at]!;
    const part = side === 0 ? left : 1 - left;
    const z = share[f]!;
    const wasOpen = open[f]!;
    this.edgeFeature[depth + 1] = f;
    this.shareBefore[depth + 1] = z;
    this.openBefore[depth + 1] = wasOpen;
    if (wasOpen === 0) {
      for (let i = 0; i < q; i++) product[to + i] = product[from + i]! * part;
      gain.fill(0, to, to + q);
      return this.closed[depth]!;
    }
    const after = z * part;
    if (isHot) {
      const lost = z * (1 - part);
      for (let i = 0; i < q; i++) {
        const t = points[i]!;
        const inverse = 1 / (z + (1 - z) * t);
        const factor = after + (1 - after) * t;
        product[to + i] = product[from + i]! * factor * inverse;
        gain[to + i] = (weights[i]! * lost * inverse) / factor;
      }
      share[f] = after;
      return this.closed[depth]!;
    }
    for (let i = 0; i < q; i++) {
      const t = points[i]!;
      const inverse = 1 / (z + (1 - z) * t);
      product[to + i] = product[from + i]! * after * (1 - t) * inverse;
      gain[to + i] = (-weights[i]! * inverse) / (1 - t);
    }
    open[f] = 0;
    const bit = tree.bitOf[f]!;
    return bit === 2 ** 31 ? this.closed[depth]! : this.closed[depth]! | bit;
  }

  /** Takes a child by its means, without going into it: a leaf, or leaves that only closed features part. */
  private settle(tree: UnpackedTree, child: number, depth: number, q: number, target: Target): void {
    const { product, gain, sum } = this;
    const { means, width } = tree;
    const edge = (depth + 1) * q;
    const f = this.edgeFeature[depth + 1]!;
    let worth = 0;
    for (let i = 0; i < q; i++) worth += product[edge + i]! * gain[edge + i]!;
    for (let k = 0; k < width; k++) {
      const value = means[child * width + k]!;
      if (value === 0) continue;
      const to = (depth * width + k) * q;
      for (let i = 0; i < q; i++) sum[to + i]! += product[edge + i]! * value;
      target.out[target.at + f * target.stride + k]! += worth * value;
    }
    this.restore(depth + 1, f);
  }

  /** Goes back up the edge to the level `depth`: its leaves' sums to the feature, and to the level above. */
  private leave(depth: number, q: number, width: number, target: Target): void {
    const { gain, sum } = this;
    const f = this.edgeFeature[depth]!;
    const edge = depth * q;
    for (let k = 0; k < width; k++) {
      const from = (depth * width + k) * q;
      const to = ((depth - 1) * width + k) * q;
      let worth = 0;
      for (let i = 0; i < q; i++) {
        const value = sum[from + i]!;
        worth += gain[edge + i]! * value;
        sum[to + i]! += value;
      }
      target.out[target.at + f * target.stride + k]! += worth;
    }
    this.restore(depth, f);
  }

  private restore(depth: number, f: number): void {
    this.share[f] = this.shareBefore[depth]!;
    this.open[f] = this.openBefore[depth]!;
  }
}
