import { BadDefinitionError } from '../../errors/index.ts';
import { type Ensemble, type Leaves, maxTreeNodes } from './ensemble.ts';

/** Where an ensemble's features, classes and categories stand in another numbering. */
export interface Alignment {
  /** The new place of each feature. */
  features: readonly number[];
  /** The new place of each class; empty for numbers. */
  classes: readonly number[];
  /** Outputs in the new numbering. */
  outputs: number;
  slotBits: number;
  /** Of each feature (in the old numbering) the old code of each new category, -1 where there was none; undefined where it is numeric. */
  categories: readonly (readonly number[] | undefined)[];
}

/** Trees in another numbering; counted from their own beginning. */
export type AlignedTrees = Pick<Ensemble, 'roots' | 'nodes' | 'cover' | 'sets' | 'leaves'>;

const SET_WORDS = 8;

/** The same trees, asking the same questions, in the new numbering. */
export function alignedTrees(ensemble: Ensemble, to: Alignment): AlignedTrees {
  const { roots, cover } = ensemble;
  const sets = new SetWriter(ensemble, to);
  const nodes = alignedNodes(ensemble, to, sets);
  return { roots, cover, nodes, sets: sets.finish(), leaves: alignedLeaves(ensemble, to) };
}

function alignedNodes(ensemble: Ensemble, to: Alignment, sets: SetWriter): Uint32Array {
  const { roots, nodes, slotBits, featureCount } = ensemble;
  const out = nodes.slice();
  const mask = 2 ** slotBits - 1;
  for (let t = 0; t + 1 < roots.length; t++) {
    const [from, end] = [roots[t]!, roots[t + 1]!];
    if (end - from > maxTreeNodes(to.slotBits)) {
      throw new BadDefinitionError(
        `a tree of ${end - from} nodes has no place beside categories: ${maxTreeNodes(to.slotBits)} at most`,
        { remedy: 'Limit `maxDepth` or raise `minSamplesLeaf`.' },
      );
    }
    for (let i = from; i < end; i++) {
      const word = nodes[2 * i + 1]!;
      const left = word >>> slotBits;
      const slot = word & mask;
      // A leaf is its own left child; its slot asks nothing.
      const isLeaf = left === i - from;
      let moved = slot;
      if (!isLeaf && slot >= 2 * featureCount) {
        const feature = slot - 2 * featureCount;
        moved = 2 * featureCount + to.features[feature]!;
        out[2 * i] = sets.numberOf(feature, nodes[2 * i]!);
      } else if (!isLeaf) {
        const feature = slot >>> 1;
        if (to.categories[feature] !== undefined) mixed(feature);
        moved = 2 * to.features[feature]! + (slot & 1);
      }
      out[2 * i + 1] = left * 2 ** to.slotBits + moved;
    }
  }
  return out;
}

function mixed(feature: number): never {
  throw new BadDefinitionError(`feature ${feature} is a number in one forest and a category in another`, {
    remedy: 'Merge forests that were trained on the same columns.',
  });
}

/** Sets of categories in the new codes. A set belongs to the first feature that asks it; for another it is written again. */
class SetWriter {
  readonly #old: Ensemble;
  readonly #to: Alignment;
  readonly #owner: Int32Array;
  readonly #own: Uint32Array;
  readonly #more: number[] = [];
  readonly #copies = new Map<string, number>();

  constructor(old: Ensemble, to: Alignment) {
    this.#old = old;
    this.#to = to;
    this.#owner = new Int32Array(old.sets.length / SET_WORDS).fill(-1);
    this.#own = new Uint32Array(old.sets.length);
  }

  /** The new number of a set that the feature asks. */
  numberOf(feature: number, set: number): number {
    const owner = this.#owner[set]!;
    if (owner === feature) return set;
    if (owner === -1) {
      this.#owner[set] = feature;
      this.#own.set(this.#written(feature, set), SET_WORDS * set);
      return set;
    }
    const key = `${feature},${set}`;
    const known = this.#copies.get(key);
    if (known !== undefined) return known;
    const number = (this.#own.length + this.#more.length) / SET_WORDS;
    this.#more.push(...this.#written(feature, set));
    this.#copies.set(key, number);
    return number;
  }

  #written(feature: number, set: number): Uint32Array {
    const words = new Uint32Array(SET_WORDS);
    const goesLeft = (code: number) => (this.#old.sets[SET_WORDS * set + (code >>> 5)]! >>> (code & 31)) & 1;
    const missing = goesLeft(this.#old.categoryCounts[feature]!);
    const codes = this.#to.categories[feature]!;
    for (let code = 0; code <= codes.length; code++) {
      const before = codes[code] ?? -1;
      if ((before === -1 ? missing : goesLeft(before)) === 1) words[code >>> 5]! |= 1 << (code & 31);
    }
    return words;
  }

  finish(): Uint32Array {
    const out = new Uint32Array(this.#own.length + this.#more.length);
    out.set(this.#own);
    out.set(this.#more, this.#own.length);
    return out;
  }
}

function alignedLeaves({ leaves, outputs }: Ensemble, to: Alignment): Leaves {
  if (leaves.kind === 'value') return leaves;
  const moved = to.classes.some((place, k) => place !== k) || to.outputs !== outputs;
  if (!moved) return leaves;
  const count = leaves.table.length / outputs;
  const table = new Float32Array(count * to.outputs);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < outputs; k++) {
      table[row * to.outputs + to.classes[k]!] = leaves.table[row * outputs + k]!;
    }
  }
  return { ...leaves, table, rows: leaves.rows.map((row) => (row < 0 ? -1 - to.classes[-1 - row]! : row)) };
}

type Shape = Pick<Ensemble, 'featureCount' | 'outputs' | 'slotBits' | 'categoryCounts'>;

/** Trees of one numbering behind one another: the mean over all of them. */
export function putTogether(parts: readonly AlignedTrees[], shape: Shape): Ensemble {
  const { featureCount, outputs, slotBits } = shape;
  const nodes = joined(
    Uint32Array,
    parts.map((part) => part.nodes),
  );
  let [at, movedSets] = [0, 0];
  for (const part of parts) {
    if (movedSets > 0) moveSets(nodes, at, part, shape, movedSets);
    at += part.nodes.length;
    movedSets += part.sets.length / SET_WORDS;
  }
  return {
    ...shape,
    featureCount,
    outputs,
    slotBits,
    roots: starts(parts.map((part) => part.roots)),
    nodes,
    cover: joined(
      Float32Array,
      parts.map((part) => part.cover),
    ),
    sets: joined(
      Uint32Array,
      parts.map((part) => part.sets),
    ),
    leaves: leavesOf(parts.map((part) => part.leaves)),
    aggregate: 'mean',
    base: new Float64Array(outputs),
  };
}

function moveSets(
  nodes: Uint32Array,
  at: number,
  { nodes: own }: AlignedTrees,
  { slotBits, featureCount }: Shape,
  by: number,
): void {
  const mask = 2 ** slotBits - 1;
  for (let i = at; i < at + own.length; i += 2) {
    if ((nodes[i + 1]! & mask) >= 2 * featureCount) nodes[i]! += by;
  }
}

function leavesOf(all: readonly Leaves[]): Leaves {
  const values = all.filter((leaves) => leaves.kind === 'value');
  if (values.length === all.length) {
    return {
      kind: 'value',
      values: joined(
        Float32Array,
        values.map((leaves) => leaves.values),
      ),
      treeOutputs: joined(
        Uint16Array,
        values.map((leaves) => leaves.treeOutputs),
      ),
    };
  }
  const distributions = all.filter((leaves) => leaves.kind === 'distribution');
  return {
    kind: 'distribution',
    rows: joined(
      Int32Array,
      distributions.map((leaves) => leaves.rows),
    ),
    table: joined(
      Float32Array,
      distributions.map((leaves) => leaves.table),
    ),
    tableStarts: starts(distributions.map((leaves) => leaves.tableStarts)),
  };
}

type Flat = Uint32Array | Int32Array | Float32Array | Uint16Array;

function joined<A extends Flat>(kind: new (length: number) => A, parts: readonly A[]): A {
  const out = new kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Lists of starts, each ending with its total, as one. */
function starts(parts: readonly Uint32Array[]): Uint32Array {
  const out = [0];
  for (const part of parts) {
    const before = out.at(-1)!;
    for (let i = 1; i < part.length; i++) out.push(before + part[i]!);
  }
  return Uint32Array.from(out);
}
