import type { Quadrature } from './quadrature.ts';
import { SHARED_BIT, type UnpackedTree } from './unpack-tree.ts';

/** Where the answers of one row and one tree go: `out[at + feature * stride + output]` is added to. */
export interface Answers {
  out: Float64Array;
  at: number;
  stride: number;
}

/** Says for a node of the tree whether the row goes left. */
export type GoesLeft = (node: number) => boolean;

/** What an entry of the stack asks for: to visit a node in the frame, to go along an edge below one, to end a frame. */
const VISIT = 0;
const LEFT_HOT = 1;
const RIGHT_HOT = 2;
const LEFT_COLD = 3;
const RIGHT_COLD = 4;
const LEAVE = 5;

/**
 * Adds one row's contributions in one tree: exact path-dependent SHAP values (what algorithm 2 of Lundberg et al. 2018
 * computes), by another way than its sums over subset sizes.
 *
 * A leaf with the path features j, their shares of cover z (product over the nodes that ask j) and o (1 where the row
 * passes all of those nodes, else 0) plays the game v(S) = leaf x prod_{j in S} o_j x prod_{j not in S} z_j. Its Shapley
 * value is an integral (Owen 1972): phi_j = leaf x int_0^1 (o_j - z_j) prod_{i != j} (z_i (1 - t) + o_i t) dt. The
 * integrand is a polynomial in t of degree below the number of path features, so that Gauss-Legendre points answer it
 * exactly, and as all factors are positive nothing cancels. At fixed t a leaf's product grows by one factor an edge, and
 * sums of leaves are shared by all edges above them: the time is nodes x points, not leaves x depth squared (the idea of
 * Linear TreeSHAP, Yu et al. 2022).
 *
 * A feature is open while its o is 1. Once closed it stays so further down, and splits of it merely average: they
 * belong to the frame of the edge above and cost one multiplication. Where all features below are closed, the node's
 * mean stands for its leaves, and the walk ends there.
 *
 * An edge of an open feature starts a frame. Let f be the feature's factor before and f' after it. The frame's sum of
 * leaves x products is worth w ((o' - z') / f' - (o - z) / f) at each point to the feature: what they are worth by its
 * whole path, less what they were counted for at its edge above. With z the share before, and part the share of the
 * edge: w z (1 - part) / (f f') for the way that the row goes, -w / ((1 - t) f) for the other one.
 */
export class TreeWalker {
  /** Of each feature: z and o of the path so far, and the frame that holds 1 / its factor (0: the factor is 1). */
  private readonly share: Float64Array;
  private readonly open: Uint8Array;
  private readonly inverseOf: Uint32Array;
  /** The stack of what is to do: kind, node, and what is common to the products of the leaves below. */
  private top = 0;
  private kind = new Uint8Array(0);
  private node = new Uint32Array(0);
  private scale = new Float64Array(0);
  /** Frames, the root's first: features closed in it, and of the edge above it what `leave` must know. */
  private frame = 0;
  private closed = new Uint32Array(0);
  private feature = new Int32Array(0);
  private lost = new Float64Array(0);
  private shareBefore = new Float64Array(0);
  private inverseBefore = new Uint32Array(0);
  /** Frames × points: products of the factors above, and 1 / the factor of the frame's feature. */
  private product = new Float64Array(0);
  private inverse = new Float64Array(0);
  /** Frames × width: sums of scale × leaf whose product is the frame's. */
  private plain = new Float64Array(0);
  /** Frames × width × points: sums of leaf × product of all other leaves below. */
  private sum = new Float64Array(0);
  private m = new Float64Array(0);

  /** @param featureCount features that a row has */
  constructor(featureCount: number) {
    // A feature that is not on the path has z = 1 and o = 1: its factor is 1.
    this.share = new Float64Array(featureCount).fill(1);
    this.open = new Uint8Array(featureCount).fill(1);
    this.inverseOf = new Uint32Array(featureCount);
  }

  walk(tree: UnpackedTree, goesLeft: GoesLeft, quadrature: Quadrature, answers: Answers): void {
    if (tree.below[0] === 0) return;
    this.reserve(tree, quadrature.points.length);
    const { kind, node, scale, closed } = this;
    const { below, left, leftShare, feature } = tree;
    this.top = 0;
    this.push(VISIT, 0, 1);
    while (this.top > 0) {
      const entry = --this.top;
      const does = kind[entry]!;
      let at = node[entry]!;
      let weight = scale[entry]!;
      if (does === LEAVE) {
        this.leave(tree.width, quadrature, answers);
        continue;
      }
      if (does !== VISIT) {
        weight *= this.enter(tree, at, does, quadrature);
        const child = left[at]!;
        at = does === LEFT_HOT || does === LEFT_COLD ? child : child + 1;
        this.push(LEAVE, 0, 0);
      }
      const f = feature[at]!;
      const child = left[at]!;
      const shut = closed[this.frame]!;
      if (this.open[f] === 0) {
        const share = leftShare[at]!;
        if ((below[child]! & ~shut) === 0) this.addPlain(tree, child, weight * share);
        else this.push(VISIT, child, weight * share);
        if ((below[child + 1]! & ~shut) === 0) this.addPlain(tree, child + 1, weight * (1 - share));
        else this.push(VISIT, child + 1, weight * (1 - share));
        continue;
      }
      const hotLeft = goesLeft(at);
      const hot = hotLeft ? child : child + 1;
      const cold = hotLeft ? child + 1 : child;
      const bit = tree.bitOf[f]!;
      const hotSettled = (below[hot]! & ~shut) === 0;
      const coldSettled = (below[cold]! & ~(bit === SHARED_BIT ? shut : shut | bit)) === 0;
      if (hotSettled || coldSettled) {
        this.settle(
          tree,
          at,
          hotSettled ? hot : -1,
          coldSettled ? cold : -1,
          hotLeft,
          weight,
          quadrature,
          answers,
        );
      }
      if (!hotSettled) this.push(hotLeft ? LEFT_HOT : RIGHT_HOT, at, weight);
      if (!coldSettled) this.push(hotLeft ? RIGHT_COLD : LEFT_COLD, at, weight);
    }
  }

  private reserve(tree: UnpackedTree, q: number): void {
    const { levels, width } = tree;
    if (this.closed.length <= levels) {
      // A level leaves at most a sibling and an end of a frame on the stack.
      this.kind = new Uint8Array(2 * levels + 4);
      this.node = new Uint32Array(2 * levels + 4);
      this.scale = new Float64Array(2 * levels + 4);
      this.closed = new Uint32Array(levels + 1);
      this.feature = new Int32Array(levels + 1);
      this.lost = new Float64Array(levels + 1);
      this.shareBefore = new Float64Array(levels + 1);
      this.inverseBefore = new Uint32Array(levels + 1);
    }
    if (this.product.length < (levels + 1) * q) {
      this.product = new Float64Array((levels + 1) * q);
      this.inverse = new Float64Array((levels + 1) * q);
    }
    if (this.plain.length < (levels + 1) * width) this.plain = new Float64Array((levels + 1) * width);
    if (this.sum.length < (levels + 1) * width * q) this.sum = new Float64Array((levels + 1) * width * q);
    if (this.m.length < q) this.m = new Float64Array(q);
    this.frame = 0;
    this.closed[0] = 0;
    this.product.fill(1, 0, q);
    this.inverse.fill(1, 0, q);
    this.clear(0, q, width);
  }

  /** By hand: for a handful of numbers `fill` costs more than all else that a frame does. */
  private clear(frame: number, q: number, width: number): void {
    const { plain, sum } = this;
    for (let i = frame * width; i < (frame + 1) * width; i++) plain[i] = 0;
    for (let i = frame * width * q; i < (frame + 1) * width * q; i++) sum[i] = 0;
  }

  private push(kind: number, node: number, scale: number): void {
    const at = this.top++;
    this.kind[at] = kind;
    this.node[at] = node;
    this.scale[at] = scale;
  }

  /** A child that only closed features part from its mean, under a closed feature: the frame's product is its own. */
  private addPlain({ means, width }: UnpackedTree, child: number, weight: number): void {
    const to = this.frame * width;
    for (let k = 0; k < width; k++) this.plain[to + k]! += weight * means[child * width + k]!;
  }

  /** Children of an open feature that their means stand for (-1: the child is not such), without frames of their own. */
  private settle(
    tree: UnpackedTree,
    at: number,
    hot: number,
    cold: number,
    hotLeft: boolean,
    weight: number,
    { points, weights }: Quadrature,
    { out, at: to, stride }: Answers,
  ): void {
    const { means, width } = tree;
    const { product, inverse, sum, m } = this;
    const q = points.length;
    const f = tree.feature[at]!;
    const z = this.share[f]!;
    const left = tree.leftShare[at]!;
    const hotPart = hotLeft ? left : 1 - left;
    const coldPart = hotLeft ? 1 - left : left;
    const from = this.frame * q;
    const old = this.inverseOf[f]! * q;
    let worth = 0;
    for (let i = 0; i < q; i++) {
      const value = product[from + i]! * inverse[old + i]!;
      m[i] = value;
      worth += weights[i]! * value * inverse[old + i]!;
    }
    worth *= weight * z * coldPart;
    for (let k = 0; k < width; k++) {
      const a = hot < 0 ? 0 : means[hot * width + k]!;
      const b = cold < 0 ? 0 : means[cold * width + k]!;
      if (a === 0 && b === 0) continue;
      out[to + f * stride + k]! += worth * (a - b);
      // Leaf × factor: of the hot child z part (1 - t) + t, of the cold one z part (1 - t).
      const end = weight * a;
      const start = z * weight * (hotPart * a + coldPart * b);
      const row = (this.frame * width + k) * q;
      for (let i = 0; i < q; i++) sum[row + i]! += m[i]! * (start + (end - start) * points[i]!);
    }
  }

  /** Starts the frame of an edge below node `at`. Returns what the leaves' scale is multiplied by. */
  private enter(tree: UnpackedTree, at: number, does: number, { points, rests }: Quadrature): number {
    const { product, inverse, share, closed, inverseOf } = this;
    const { width } = tree;
    const q = points.length;
    const f = tree.feature[at]!;
    const part = does === LEFT_HOT || does === LEFT_COLD ? tree.leftShare[at]! : 1 - tree.leftShare[at]!;
    const z = share[f]!;
    const from = this.frame * q;
    const old = inverseOf[f]! * q;
    const frame = ++this.frame;
    const to = frame * q;
    this.feature[frame] = f;
    this.shareBefore[frame] = z;
    this.inverseBefore[frame] = inverseOf[f]!;
    this.clear(frame, q, width);
    if (does === LEFT_HOT || does === RIGHT_HOT) {
      const after = z * part;
      for (let i = 0; i < q; i++) {
        const factor = after + (1 - after) * points[i]!;
        product[to + i] = product[from + i]! * inverse[old + i]! * factor;
        inverse[to + i] = 1 / factor;
      }
      share[f] = after;
      inverseOf[f] = frame;
      this.lost[frame] = z * (1 - part);
      closed[frame] = closed[frame - 1]!;
      return 1;
    }
    for (let i = 0; i < q; i++) {
      product[to + i] = product[from + i]! * inverse[old + i]! * rests[i]!;
    }
    this.open[f] = 0;
    const bit = tree.bitOf[f]!;
    closed[frame] = bit === SHARED_BIT ? closed[frame - 1]! : closed[frame - 1]! | bit;
    return z * part;
  }

  /** Ends the frame: its leaves' sums to its feature, and to the frame above. */
  private leave(
    width: number,
    { points, weights, restWeights }: Quadrature,
    { out, at, stride }: Answers,
  ): void {
    const { product, inverse, sum, m } = this;
    const q = points.length;
    const frame = this.frame--;
    const f = this.feature[frame]!;
    const from = frame * q;
    const old = this.inverseBefore[frame]! * q;
    const hot = this.open[f] === 1;
    if (hot) {
      const lost = this.lost[frame]!;
      for (let i = 0; i < q; i++) m[i] = weights[i]! * lost * inverse[old + i]! * inverse[from + i]!;
    } else {
      for (let i = 0; i < q; i++) m[i] = -restWeights[i]! * inverse[old + i]!;
    }
    for (let k = 0; k < width; k++) {
      const plain = this.plain[frame * width + k]!;
      const own = (frame * width + k) * q;
      const above = ((frame - 1) * width + k) * q;
      let worth = 0;
      for (let i = 0; i < q; i++) {
        const value = sum[own + i]! + plain * product[from + i]!;
        worth += m[i]! * value;
        sum[above + i]! += value;
      }
      out[at + f * stride + k]! += worth;
    }
    this.share[f] = this.shareBefore[frame]!;
    this.inverseOf[f] = this.inverseBefore[frame]!;
    this.open[f] = 1;
  }
}
