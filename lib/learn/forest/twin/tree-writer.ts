import type { Bins } from '../../bins/index.ts';
import type { GrownTree } from '../grown.ts';
import type { Split } from './types.ts';

const words = new Uint32Array(1);
const asFloat = new Float32Array(words.buffer);
function bitsOf(value: number): number {
  asFloat[0] = value;
  return words[0]!;
}

/** Lays a tree out as an Ensemble has it, node by node. */
export class TreeWriter {
  nodeCount = 0;
  full = false;
  readonly #bins: Bins;
  readonly #slotBits: number;
  readonly #nodes: number[] = [];
  readonly #cover: number[] = [];
  readonly #leaves: number[] = [];
  readonly #table: number[] = [];
  readonly #sets: number[] = [];
  #tableRows = 0;

  constructor(bins: Bins, slotBits: number) {
    this.#bins = bins;
    this.#slotBits = slotBits;
  }

  addRoot(): number {
    this.nodeCount = 1;
    return 0;
  }

  #write(node: number, first: number, left: number, slot: number, cover: number): void {
    this.#nodes[2 * node] = first;
    this.#nodes[2 * node + 1] = ((left << this.#slotBits) | slot) >>> 0;
    this.#cover[node] = cover;
    this.#leaves[node] = 0;
  }

  /** @returns the left child's place; the right one's is the next */
  addSplit(
    node: number,
    split: Split,
    left: readonly number[],
    right: readonly number[],
    { cover, leftCover }: { cover: number; leftCover: number },
  ): number {
    const { feature } = split;
    const first = this.nodeCount;
    this.nodeCount += 2;
    // What no row of the node has goes to the heavier child.
    const heavierLeft = leftCover >= cover - leftCover;
    if (this.#bins.categorical[feature] === 1) {
      const goesLeft = [...split.goesLeft];
      const column = feature * this.#bins.rows;
      const present = new Set([...left, ...right].map((row) => this.#bins.codes[column + row]!));
      for (let code = 0; code <= this.#bins.valueBins[feature]!; code++)
        if (!present.has(code)) goesLeft[code] = heavierLeft;
      this.#write(node, this.#sets.length / 8, first, 2 * this.#bins.featureCount + feature, cover);
      for (let word = 0; word < 8; word++) {
        let bits = 0;
        for (let bit = 0; bit < 32; bit++) if (goesLeft[32 * word + bit]) bits |= 1 << bit;
        this.#sets.push(bits >>> 0);
      }
      return first;
    }
    const missingLeft = split.missingLeft ?? heavierLeft;
    this.#write(node, bitsOf(split.threshold), first, 2 * feature + Number(!missingLeft), cover);
    return first;
  }

  addLeaf(node: number, cover: number, leaf: number): void {
    this.#write(node, bitsOf(Number.POSITIVE_INFINITY), node, 0, cover);
    this.#leaves[node] = leaf;
  }

  addShares(node: number, cover: number, shares: Iterable<number>): void {
    this.addLeaf(node, cover, this.#tableRows++);
    this.#table.push(...shares);
  }

  addValue(node: number, cover: number, value: number): void {
    this.addLeaf(node, cover, bitsOf(value));
  }

  finish(): Omit<GrownTree, 'importance'> {
    return {
      nodes: Uint32Array.from(this.#nodes),
      cover: Float32Array.from(this.#cover),
      leaves: Int32Array.from(this.#leaves),
      table: Float32Array.from(this.#table),
      sets: Uint32Array.from(this.#sets),
      full: this.full,
    };
  }
}
