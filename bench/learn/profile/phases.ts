/** From a profiler's samples to the phases of growing trees. */

/** A profile as V8's profiler gives it, as far as it is read here. */
export interface CpuProfile {
  nodes: readonly { id: number; callFrame: { functionName: string; url: string } }[];
  samples: readonly number[];
  timeDeltas: readonly number[];
}

export type Phase = (typeof phaseNames)[number];
export const phaseNames = [
  'histogram',
  'split scan',
  'partition',
  'small nodes (sorted lists)',
  'bootstrap and feature draws',
  'writing nodes',
  'walking the tree',
  'boosting: gradients, scores',
  'bins',
  'JavaScript of training',
  'garbage collection',
  'engine (compiling, fresh memory)',
  'other',
] as const;

/**
 * Functions of the kernels by the file and name that the compiler gives them, such as `forest/assembly/lanes/scan`;
 * the first that fits counts.
 */
const rules: readonly (readonly [RegExp, Phase])[] = [
  [/^bins\/assembly/, 'bins'],
  [/assembly\/lists\//, 'small nodes (sorted lists)'],
  [/\/tryFew$/, 'small nodes (sorted lists)'],
  [/assembly\/(partition|part)\b|\/(bringNear|findNext|side|part)$/, 'partition'],
  [/\/(scan\w*|keep\w*|clearBest|purity|childPurities|among|dropEmpty)$/, 'split scan'],
  [/assembly\/(order|best|entropy|scan|split|gain)\b/, 'split scan'],
  [/assembly\/(sample|draw|rng)\b|kernel\/assembly\/rng/, 'bootstrap and feature draws'],
  [/assembly\/(write|leaf-numbers|leaf)\b/, 'writing nodes'],
  [
    /\/(tryLanes|trySquared|tryWide|tryBinary|fill\w*|count\w*|add\w*|remove|subtract|accumulate\w*|widen)$/,
    'histogram',
  ],
  [/assembly\/(lanes|squared|whole|wide|histogram)\b/, 'histogram'],
  [
    /assembly\/(gradients?|scores?|losses|loss|softmax|quantise|update)\b|\/(gradient\w*|softmax\w*)$/,
    'boosting: gradients, scores',
  ],
  [/assembly\//, 'walking the tree'],
];

/** The phase of a function; undefined where it is the bench's own, or the profiler's. */
export function phaseOf(functionName: string, url: string): Phase | undefined {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)') return 'engine (compiling, fresh memory)';
  const inKernel = /^[\w-]+(\/[\w-]+)*\/assembly\//.test(functionName);
  if (inKernel) return rules.find(([pattern]) => pattern.test(functionName))![1];
  if (url.includes('/bench/') || url === 'node:inspector') return undefined;
  return url.includes('/lib/') || url.startsWith('node:') || url === '' ? 'JavaScript of training' : 'other';
}

export interface PhaseShare {
  phase: Phase;
  seconds: number;
  /** Of all phases together. */
  share: number;
}

/** Seconds of each phase, largest first, and the functions that take most. */
export function phaseShares(profile: CpuProfile): {
  phases: PhaseShare[];
  functions: { name: string; seconds: number }[];
} {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const [byPhase, byFunction] = [new Map<Phase, number>(), new Map<string, number>()];
  for (const [i, id] of profile.samples.entries()) {
    const { functionName, url } = frames.get(id)!;
    const phase = phaseOf(functionName, url);
    if (phase === undefined) continue;
    const seconds = profile.timeDeltas[i]! / 1e6;
    byPhase.set(phase, (byPhase.get(phase) ?? 0) + seconds);
    byFunction.set(functionName, (byFunction.get(functionName) ?? 0) + seconds);
  }
  const total = [...byPhase.values()].reduce((sum, value) => sum + value, 0);
  const phases = [...byPhase]
    .map(([phase, seconds]) => ({ phase, seconds, share: seconds / total }))
    .sort((a, b) => b.seconds - a.seconds);
  const functions = [...byFunction]
    .map(([name, seconds]) => ({ name, seconds }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 12);
  return { phases, functions };
}
