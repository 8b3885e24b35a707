import * as z from 'zod';
import { IntegrityError } from '../../errors/index.ts';
import type { Bins } from '../bins/index.ts';
import { parseFacts, section } from '../params.ts';
import type { ModelParts } from '../types.ts';
import { together } from './assemble.ts';
import type { Grown, GrownTree } from './grown.ts';
import type { ForestTarget } from './targets.ts';

const factsSchema = z.strictObject({
  from: z.int().min(0),
  to: z.int().min(1),
  /** Seed and parameters that the trees were grown by, as JSON: parts of other forests do not fit. */
  grownBy: z.string(),
});

/** A range of trees as JSON and flat arrays, for another machine to put together. */
export function toParts(
  grown: Grown,
  { from, to }: { from: number; to: number },
  grownBy: string,
): ModelParts {
  const { trees, votes } = grown;
  return {
    facts: { from, to, grownBy },
    sections: {
      nodeCounts: Uint32Array.from(trees, (tree) => tree.cover.length),
      tableCounts: Uint32Array.from(trees, (tree) => tree.table.length),
      setCounts: Uint32Array.from(trees, (tree) => tree.sets.length),
      full: Uint8Array.from(trees, (tree) => Number(tree.full)),
      nodes: together(Uint32Array, trees, 'nodes'),
      cover: together(Float32Array, trees, 'cover'),
      leaves: together(Int32Array, trees, 'leaves'),
      table: together(Float32Array, trees, 'table'),
      sets: together(Uint32Array, trees, 'sets'),
      importance: together(Float64Array, trees, 'importance'),
      ...(votes === undefined ? {} : { votes }),
    },
  };
}

/**
 * The trees of all parts, and the sum of their votes.
 *
 * @throws IntegrityError where parts are not of this forest, do not cover its trees in order, or lack a section
 */
export function fromParts(
  parts: readonly ModelParts[],
  {
    trees: count,
    bins,
    target,
    votes: judged,
    grownBy,
  }: { trees: number; bins: Bins; target: ForestTarget; votes: boolean; grownBy: string },
): Grown {
  const trees: GrownTree[] = [];
  const width = target.kind === 'classes' ? target.classes : 2;
  const votes =
    target.kind === 'classes' ? new Int32Array(bins.rows * width) : new Float64Array(bins.rows * width);
  for (const part of parts) {
    const facts = parseFacts(factsSchema, part);
    if (facts.from !== trees.length || facts.to <= facts.from || facts.grownBy !== grownBy) {
      throw new IntegrityError(
        `a part holds trees ${facts.from} to ${facts.to - 1}, and tree ${trees.length} of this forest was expected`,
      );
    }
    trees.push(...readTrees(part, facts.to - facts.from, bins.featureCount));
    if (judged) addVotes(votes, part);
  }
  if (trees.length !== count) throw new IntegrityError(`the parts hold ${trees.length} of ${count} trees`);
  return { trees, votes: judged ? votes : undefined, pieces: [] };
}

function addVotes(votes: Int32Array | Float64Array, part: ModelParts): void {
  const own =
    votes instanceof Int32Array
      ? section(part, 'votes', Int32Array, votes.length)
      : section(part, 'votes', Float64Array, votes.length);
  for (let i = 0; i < votes.length; i++) votes[i]! += own[i]!;
}

function readTrees(part: ModelParts, count: number, features: number): GrownTree[] {
  const nodeCounts = section(part, 'nodeCounts', Uint32Array, count);
  const tableCounts = section(part, 'tableCounts', Uint32Array, count);
  const setCounts = section(part, 'setCounts', Uint32Array, count);
  const full = section(part, 'full', Uint8Array, count);
  const [nodeTotal, tableTotal, setTotal] = [nodeCounts, tableCounts, setCounts].map((counts) =>
    counts.reduce((sum, n) => sum + n, 0),
  );
  const nodes = section(part, 'nodes', Uint32Array, 2 * nodeTotal!);
  const cover = section(part, 'cover', Float32Array, nodeTotal!);
  const leaves = section(part, 'leaves', Int32Array, nodeTotal!);
  const table = section(part, 'table', Float32Array, tableTotal!);
  const sets = section(part, 'sets', Uint32Array, setTotal!);
  const importance = section(part, 'importance', Float64Array, count * features);
  let [node, row, set] = [0, 0, 0];
  return Array.from({ length: count }, (_, t) => {
    const [n, r, s] = [nodeCounts[t]!, tableCounts[t]!, setCounts[t]!];
    const tree = {
      nodes: nodes.subarray(2 * node, 2 * (node + n)),
      cover: cover.subarray(node, node + n),
      leaves: leaves.subarray(node, node + n),
      table: table.subarray(row, row + r),
      sets: sets.subarray(set, set + s),
      importance: importance.subarray(t * features, (t + 1) * features),
      full: full[t] === 1,
    };
    [node, row, set] = [node + n, row + r, set + s];
    return tree;
  });
}
