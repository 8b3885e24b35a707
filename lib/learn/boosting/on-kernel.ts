import type { KernelMemory } from '../kernel/host.ts';
import type { Team } from '../kernel/team.ts';
import type { BoostingEngine, BoostingProblem, GrownTree, RoundSample } from './engine.ts';
import { SET_WORDS } from './engine.ts';
import {
  CHUNK,
  FEATURE_BYTES,
  JOB_BYTES,
  jobOffsets,
  LEAF_BYTES,
  NODE_BYTES,
  SPLIT_BYTES,
} from './layout.ts';

/** Name of the kernel in a Team. */
export const BOOSTING_KERNEL = 'boosting';

const losses = { squared: 0, logistic: 1, softmax: 2 } as const;

/** Boosting on all threads of a team, over its memory, where the bins' codes are. */
export class KernelEngine implements BoostingEngine {
  readonly #problem: BoostingProblem;
  readonly #memory: KernelMemory;
  readonly #team: Team;
  readonly #job: number;
  readonly #at: Record<string, number> = {};

  constructor(problem: BoostingProblem, { memory, team }: { memory: KernelMemory; team: Team }) {
    this.#problem = problem;
    this.#memory = memory;
    this.#team = team;
    this.#job = memory.alloc(JOB_BYTES);
    this.#allocate();
    this.#describe();
    this.#fillIn();
    this.#run('prepare');
  }

  round(sample: RoundSample | undefined): GrownTree[] {
    const { bins } = this.#problem;
    if (sample !== undefined) {
      this.#memory.int32(this.#at.sample!, bins.rows).set(sample.rows);
      this.#memory.uint8(this.#at.used!, bins.featureCount).set(sample.features);
      this.#set('sampled', sample.count);
    }
    this.#run('round');
    const sizes = this.#memory.int32(this.#at.treeSizes!, this.#problem.outputs).slice();
    return Array.from(sizes, (size, k) => this.#tree(k, size));
  }

  heldOutScores(): Float64Array {
    const { heldOut, outputs } = this.#problem;
    return this.#memory.float64(this.#at.validScores!, (heldOut?.rows ?? 0) * outputs);
  }

  pieces(): number[] {
    return Array.from(this.#memory.int32(this.#at.pieces!, this.#team.threads));
  }

  #run(entry: 'prepare' | 'round'): void {
    this.#set('over', 0);
    this.#team.run(BOOSTING_KERNEL, entry, this.#job);
  }

  #set(field: string, value: number): void {
    this.#memory.int32(this.#job + jobOffsets[field]!, 1)[0] = value;
  }

  #allocate(): void {
    const { bins, outputs, maxLeaves, weights, heldOut } = this.#problem;
    const { rows, featureCount } = bins;
    const even = rows + (rows % 2);
    const scratchBytes = Math.ceil(Math.max(8192, 32 * outputs) / 64) * 64;
    const sizes: Record<string, number> = {
      target: 8 * even,
      weights: weights === undefined ? 0 : 4 * rows,
      scores: 8 * even * outputs,
      gradients: 4 * even * outputs,
      hessians: 4 * even * outputs,
      packed: (this.#narrow ? 8 : 16) * rows,
      sample: 4 * rows,
      order: 4 * rows,
      spare: 4 * rows,
      table: FEATURE_BYTES * featureCount,
      featureList: 4 * featureCount,
      used: featureCount,
      leaves: LEAF_BYTES * maxLeaves,
      bests: SPLIT_BYTES * maxLeaves,
      found: SPLIT_BYTES * 2 * featureCount,
      trees: NODE_BYTES * outputs * (2 * maxLeaves - 1),
      treeSizes: 4 * outputs,
      chunkMax: 16 * outputs * Math.ceil(rows / CHUNK),
      chunkCuts: 4 * Math.ceil(rows / CHUNK),
      validCodes: 2 * (heldOut?.codes.length ?? 0),
      validScores: 8 * (heldOut?.rows ?? 0) * outputs,
      scratch: scratchBytes * this.#team.threads,
      pieces: 4 * this.#team.threads,
    };
    for (const [name, bytes] of Object.entries(sizes)) {
      this.#at[name] = bytes === 0 ? 0 : this.#memory.alloc(bytes);
      this.#set(name, this.#at[name]!);
    }
    this.#set('scratchBytes', scratchBytes);
  }

  /** Numbers of the job. */
  #describe(): void {
    const { bins, loss, outputs, maxLeaves, maxDepth, minLeaf, heldOut } = this.#problem;
    const numbers = { outputs, maxLeaves, maxDepth, minLeaf };
    for (const [name, value] of Object.entries(numbers)) this.#set(name, value);
    this.#set('threads', this.#team.threads);
    this.#set('rows', bins.rows);
    this.#set('features', bins.featureCount);
    this.#set('loss', losses[loss]);
    this.#set('narrow', Number(this.#narrow));
    this.#set('codes', bins.codesAt);
    this.#set('sampled', bins.rows);
    this.#set('validRows', heldOut?.rows ?? 0);
    const { learningRate, l2, weights, weightScale } = this.#problem;
    const weightTotal = weights === undefined ? bins.rows : weights.reduce((sum, weight) => sum + weight, 0);
    for (const [name, value] of Object.entries({ learningRate, l2, weightScale, weightTotal })) {
      this.#memory.float64(this.#job + jobOffsets[name]!, 1)[0] = value;
    }
  }

  /** Arrays of the job. */
  #fillIn(): void {
    const { bins, target, weights, heldOut, outputs, base } = this.#problem;
    const { rows, featureCount } = bins;
    const even = rows + (rows % 2);
    const memory = this.#memory;
    const at = this.#at;
    if (target instanceof Int32Array) memory.int32(at.target!, rows).set(target);
    else memory.float64(at.target!, rows).set(target);
    if (weights !== undefined) memory.int32(at.weights!, rows).set(weights);
    const table = memory.int32(at.table!, (FEATURE_BYTES / 4) * featureCount);
    for (let f = 0; f < featureCount; f++) {
      const values = bins.valueBins[f]!;
      table.set([0, values + bins.hasMissing[f]!, values, bins.categorical[f]!], (FEATURE_BYTES / 4) * f);
    }
    memory.uint8(at.used!, featureCount).fill(1);
    const sample = memory.int32(at.sample!, rows);
    for (let i = 0; i < rows; i++) sample[i] = i;
    for (let k = 0; k < outputs; k++) memory.float64(at.scores! + 8 * even * k, rows).fill(base[k]!);
    if (heldOut === undefined || heldOut.rows === 0) return;
    memory.uint16(at.validCodes!, heldOut.codes.length).set(heldOut.codes);
    for (let k = 0; k < outputs; k++) {
      memory.float64(at.validScores! + 8 * heldOut.rows * k, heldOut.rows).fill(base[k]!);
    }
  }

  /** Cells of one integer do where there are neither hessians nor weights. */
  get #narrow(): boolean {
    return this.#problem.loss === 'squared' && this.#problem.weights === undefined;
  }

  #tree(k: number, size: number): GrownTree {
    const from = this.#at.trees! + NODE_BYTES * (2 * this.#problem.maxLeaves - 1) * k;
    const ints = this.#memory.int32(from, (NODE_BYTES / 4) * size);
    const doubles = this.#memory.float64(from, (NODE_BYTES / 8) * size);
    const [feature, code, left] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
    const [gain, cover, value] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    const missingLeft = new Uint8Array(size);
    const sets = new Uint32Array(SET_WORDS * size);
    for (let i = 0, int = 0, double = 0; i < size; i++, int += NODE_BYTES / 4, double += NODE_BYTES / 8) {
      feature[i] = ints[int]!;
      code[i] = ints[int + 1]!;
      left[i] = ints[int + 2]!;
      gain[i] = doubles[double + 2]!;
      cover[i] = doubles[double + 3]! / this.#problem.weightScale;
      value[i] = doubles[double + 4]!;
      missingLeft[i] = ints[int + 10]!;
      for (let w = 0; w < SET_WORDS; w++) sets[SET_WORDS * i + w] = ints[int + 12 + w]!;
    }
    return { feature, code, left, missingLeft, sets, gain, cover, value };
  }
}
